import type { Module } from '../values/module.ts';
import { json } from './json/module.ts';
import { math } from './math.ts';
import { time } from './time/module.ts';

/** The modules that a host may hand to a program, under these names. */
export const modules: { readonly json: Module; readonly math: Module; readonly time: Module } = {
  json,
  math,
  time,
};
