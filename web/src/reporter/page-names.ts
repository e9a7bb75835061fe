/** Every page a reporter can be on. */
export type Page =
  | 'start'
  | 'before'
  | 'help'
  | 'outside'
  | 'tell'
  | 'people'
  | 'files'
  | 'check'
  | 'sending'
  | 'words'
  | 'receipt'
  | 'return'
  | 'hand-in'
  | 'report'
  | 'proof'
  | 'write';
