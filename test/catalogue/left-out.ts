/** Rows of the catalogue that no test carries here, each with its reason. */
export const leftOut: Readonly<Record<string, string>> = {
  'NW-11':
    'Workspaces are spoken to in HTTP/1.1 only, so no connection has HTTP/2 frames, goodbyes or windows.',
  'ST-50':
    'It needs the shells of Windows. What a settings file says is started for real from odd folders on every system (CF-40), and entries for Windows name a program and its words, never one line for a shell.',
  'SO-04':
    'There is no command that removes everything: the README says how. "gangway restore --all" cleans the settings of apps, "gangway remove" an account with its secrets; one key in the keychain stays, which then opens nothing.',
  'KC-13':
    "Gangway does not use Electron's safeStorage, so no unprotected backend can be chosen: on Linux the Secret Service is pinned, and without it nothing is saved (KC-10).",
  'KC-14':
    'The keychain holds 32 random bytes that Gangway encrypts with; no store ever asks Gangway to encrypt them again.',
  'PW-05': 'There is no rule that pauses when the screen locks; pausing is a click, a command, or a time.',
  'TP-03':
    'Gangway keeps no copy of the tools it has seen, so it cannot say that a description changed; clients hear list_changed and read the lists themselves.',
  'TP-06':
    'There is no budget of calls per time, which would break honest batch work; what runs and waits at once is bounded instead (KL-07), and a person can pause everything.',
  'TP-07':
    'Gangway asks nobody for approval of single calls; its rules decide beforehand, and AI apps ask by themselves.',
  'TP-08':
    'There is no approval whose text could be shown; arguments are kept in the activity log only when the person switches that on.',
};
