// The settings of the server as flags of a command. The table in config.ts says which have one, and how it reads.

import type { Command } from 'commander';
import {
  type Config,
  configPath,
  dashed,
  type Flags,
  loadConfig,
  type Setting,
  type SettingKey,
  settings,
} from '../../config/config.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Adds the flags of these settings, and `--config`. */
export function addSettingFlags(command: Command, keys: readonly SettingKey[]): Command {
  command.option('--config <file>', 'settings file (KEYWARD_CONFIG); default: ./keyward.yaml, if it is there');
  for (const key of keys) {
    const { flag, help, env, fallback }: Setting = settings[key];
    const isPlain = typeof fallback === 'string' || typeof fallback === 'number';
    if (flag !== null) command.option(flag, `${help} (${env})${isPlain ? `; default: ${fallback}` : ''}`);
  }
  return command;
}

/** The settings that have no flag, for the end of a help text. */
export function settingsWithoutFlag(): string {
  const rows = Object.entries(settings)
    .filter(([, { flag }]) => flag === null)
    .map(([key, { env, help }]) => `  ${(env ?? key).padEnd(25)} ${help}`);
  return `\nOnly in the environment or keyward.yaml:\n${rows.join('\n')}`;
}

/** The configuration for a command that was given these options. Throws ConfigError. */
export function configFrom(options: Readonly<Record<string, unknown>>, terminal: Terminal): Config {
  return loadConfig(flagsIn(options), terminal.environment, terminal.folder);
}

/** The files whose change may mean new settings: their own, certificate and key. */
export function settingFiles(
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
  { tls }: Config,
): string[] {
  const own = configPath(flagsIn(options), terminal.environment, terminal.folder);
  return tls === null ? [own] : [own, tls.cert, tls.key];
}

function flagsIn(options: Readonly<Record<string, unknown>>): Flags {
  const flags: Record<string, string> = {};
  for (const key of ['config', ...Object.keys(settings)]) {
    const value = options[optionName(key)];
    if (typeof value === 'string') flags[key] = value;
  }
  return flags as Flags;
}

/** What commander calls the flag of a setting: `tlsCert` for `tls.cert`. */
function optionName(key: string): string {
  return dashed(key).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
