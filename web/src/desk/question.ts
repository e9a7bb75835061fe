/** What a member can be asked before the case changes its state. */
export type Question = 'close' | 'confirm' | 'reopen' | 'erase' | 'agree';
