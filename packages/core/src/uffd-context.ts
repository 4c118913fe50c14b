/**
 * A userfaultfd of one process. Each process has at most one of each mode, made when it first asks for it.
 *
 * @kernel fs/userfaultfd.c struct userfaultfd_ctx
 */
import type { UffdMode } from './trace/index.js';

export interface UffdContext {
  readonly mode: UffdMode;
  /** The kernel takes the protection off at a write, without an event. @kernel UFFD_FEATURE_WP_ASYNC */
  readonly async: boolean;
  /** Anonymous memory that nobody has touched is protected, too. @kernel UFFD_FEATURE_WP_UNPOPULATED */
  readonly unpopulated: boolean;
}

export const newUffdContext = (mode: UffdMode): UffdContext => ({
  mode,
  async: mode === 'wp-async',
  unpopulated: mode !== 'wp',
});
