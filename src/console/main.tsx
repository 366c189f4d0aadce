/** The console's page: starts it. What the page is made of is in `app.tsx`. */
import { render } from 'preact';
import { App } from './app.tsx';
import './styles/base.css';
import './styles/parts.css';
import './styles/screens.css';
import { applyTheme } from './base/theme.ts';

applyTheme();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
