/** The configuration as this server reads it: the gateway's own keys and the blocks of its features. */
import {
  createConfigReader,
  type BaseConfig,
  type ConfigReader,
  type LoadedConfig as Loaded,
} from '../config/index.ts';
import { features, type FeatureBlocks } from './features.ts';

export type Config = BaseConfig & FeatureBlocks;

export type LoadedConfig = Loaded<Config>;

export const configReader: ConfigReader<Config> = createConfigReader<Config>(features);
