import type { Command } from '../command';
import { link } from './link';
import { logout } from './logout';
import { serve } from './serve';
import { status } from './status';

/** In the order of the help. What a command needs, it loads when it runs. */
export const COMMANDS: readonly Command[] = [link, status, logout, serve];
