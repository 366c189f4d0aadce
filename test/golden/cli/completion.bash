# Completion of vmcp for bash. Put into ~/.bashrc: source <(vmcp completion bash)
_vmcp() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W 'serve validate init tools call run star connect auth key policy adoption plan doctor completion help --help --version' -- "$word"))
    return
  fi
  case ${COMP_WORDS[1]} in
    serve)
      case $previous in
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --host) :; return ;;
        --port) :; return ;;
        --session-ttl) :; return ;;
        --allowed-host) :; return ;;
        --allowed-origin) :; return ;;
        --code-mode) COMPREPLY=($(compgen -W 'on off' -- "$word")); return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--config -c --host --port --session-ttl --allowed-host --allowed-origin --verbose --quiet -q --stdio --code-mode --help' -- "$word"))
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi ;;
    validate)
      case $previous in
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--config -c --strict --check-tools --help' -- "$word"))
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi ;;
    init)
      case $previous in
        --from) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --output|-o) COMPREPLY=($(compgen -f -- "$word")); return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--from --output -o --help' -- "$word"))
      else
        :
      fi ;;
    tools)
      case $previous in
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --url) :; return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--config -c --url --json --help' -- "$word"))
      else
        :
      fi ;;
    call)
      case $previous in
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --url) :; return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--config -c --url --json --help' -- "$word"))
      else
        :
      fi ;;
    run)
      case $previous in
        --data) :; return ;;
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --url) :; return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--data --dry-run --config -c --url --json --help' -- "$word"))
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi ;;
    star)
      case $previous in
        --option) COMPREPLY=($(compgen -W 'set while recursion toplevelcontrol globalreassign' -- "$word")); return ;;
        --data) :; return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--option --script --data --help' -- "$word"))
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi ;;
    connect)
      case $previous in
        --url) :; return ;;
        --name) :; return ;;
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--dry-run --remove --url --name --config -c --help' -- "$word"))
      else
        COMPREPLY=($(compgen -W 'claude-code claude-desktop vscode cursor windsurf zed gemini-cli codex opencode goose cline lm-studio' -- "$word"))
      fi ;;
    auth)
      case $previous in
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--config -c --no-browser --json --help' -- "$word"))
      else
        COMPREPLY=($(compgen -W 'login logout status list' -- "$word"))
      fi ;;
    key)
      case $previous in
        --group) :; return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--group --json --help' -- "$word"))
      else
        :
      fi ;;
    policy)
      case $previous in
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --principal) :; return ;;
        --tool) :; return ;;
        --args) :; return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--config -c --principal --tool --args --csv --json --help' -- "$word"))
      else
        COMPREPLY=($(compgen -W 'explain table' -- "$word"))
      fi ;;
    adoption)
      case $previous in
        --prometheus) :; return ;;
        --window) :; return ;;
        --output) COMPREPLY=($(compgen -W 'text md csv' -- "$word")); return ;;
        --html) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --ca-cert) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --timeout) :; return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--prometheus --window --json --output --html --ca-cert --timeout --help' -- "$word"))
      else
        :
      fi ;;
    plan)
      case $previous in
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --url) :; return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--config -c --url --json --help' -- "$word"))
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi ;;
    doctor)
      case $previous in
        --config|-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --port) :; return ;;
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--config -c --port --help' -- "$word"))
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi ;;
    completion)
      case $previous in

      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '--help' -- "$word"))
      else
        COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word"))
      fi ;;
    help) COMPREPLY=($(compgen -W 'serve validate init tools call run star connect auth key policy adoption plan doctor completion' -- "$word")) ;;
  esac
}
complete -o filenames -F _vmcp vmcp
