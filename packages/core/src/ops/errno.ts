/** What an operation answers: 0, or the name of the errno that Linux would answer. */
export type Errno =
  | 0
  | 'EACCES'
  | 'EAGAIN'
  | 'EBADF'
  | 'EBUSY'
  | 'EEXIST'
  | 'EFAULT'
  | 'EINVAL'
  | 'ENOENT'
  | 'ENOMEM'
  | 'ENOSYS';
