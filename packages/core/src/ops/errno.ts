/** What an operation answers: 0, or the name of the errno that Linux would answer. */
export type Errno = 0 | 'EACCES' | 'EAGAIN' | 'EBADF' | 'EEXIST' | 'EFAULT' | 'EINVAL' | 'ENOMEM' | 'ENOSYS';
