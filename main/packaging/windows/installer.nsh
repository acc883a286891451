; Installs for the current user and does not offer anything else, which would need an administrator.
!macro customInstallMode
  StrCpy $isForceCurrentInstall "1"
!macroend
