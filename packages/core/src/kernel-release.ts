/** Whose behaviour, where releases differ. 5.6 stands for what that release lacks against 6.1; it is for old patches. */
export type KernelRelease = '5.6' | '6.1' | '6.18';
