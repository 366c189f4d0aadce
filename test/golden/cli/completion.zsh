#compdef vmcp
# Completion of vmcp for zsh. Put into a folder of $fpath: vmcp completion zsh > ~/.zfunc/_vmcp
_vmcp() {
  local -a commands
  commands=(
    'serve:serves the MCP servers of a configuration file as one'
    'validate:prints every problem of a configuration file'
    'init:writes a starter configuration, or one made from a client'\''s'
    'tools:lists the tools of a configuration or of a running server'
    'call:calls a tool, and prints its result as JSON'
    'run:runs a script of code mode with the tools, and prints its result'
    'star:runs a Starlark file without any gateway'
    'connect:writes this server into the configuration of MCP clients'
    'auth:logs in to backends that want OAuth'
    'key:makes an API key for a caller'
    'policy:says who may use which tool, and why'
    'adoption:reports how a fleet uses code mode, from its Prometheus'
    'plan:says what a reload of a configuration would change'
    'doctor:looks for what keeps a server from working, and says how to mend it'
    'completion:prints what makes a shell complete the command line'
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
      serve)
        _arguments -s \
        '--config[the configuration (./vmcp.yaml)]:FILE:_files' \
        '-c[the configuration (./vmcp.yaml)]:FILE:_files' \
        '--host[where to listen (127.0.0.1); beyond loopback FILE must have incomingAuth]:ADDRESS:' \
        '--port[0 picks a free one (4483; with --stdio 0)]:PORT:' \
        '--session-ttl[how long an idle session lives (30m)]:TIME:' \
        '*--allowed-host[a host name that passes, as a proxy or a container is asked by]:NAME:' \
        '*--allowed-origin[a site whose pages may ask, such as https\://chat.example.com]:ORIGIN:' \
        '--verbose[shows each call, and what backends write to stderr]' \
        '--quiet[says only what is wrong, and where it serves]' \
        '-q[says only what is wrong, and where it serves]' \
        '--stdio[speaks MCP on stdin and stdout; the rest stays on HTTP]' \
        '--code-mode[with --stdio\: what this client wishes, where codeMode.mode leaves it the choice]:on|off:(on off)' \
        ':FILE:_files' ;;
      validate)
        _arguments -s \
        '--config[the configuration (./vmcp.yaml)]:FILE:_files' \
        '-c[the configuration (./vmcp.yaml)]:FILE:_files' \
        '--strict[exits with 1 on a warning too]' \
        '--check-tools[starts the backends, and checks saved tools against theirs]' \
        ':FILE:_files' ;;
      init)
        _arguments -s \
        '--from[the configuration of an MCP client (Claude Desktop, VS Code, Cursor, Codex, Goose, Continue and others, as JSON, TOML or YAML), or a VirtualMCPServer'\''s manifest]:CLIENT_CONFIG:_files' \
        '--output[where to write it]:FILE:_files' \
        '-o[where to write it]:FILE:_files' ;;
      tools)
        _arguments -s \
        '--config[the configuration (./vmcp.yaml)]:FILE:_files' \
        '-c[the configuration (./vmcp.yaml)]:FILE:_files' \
        '--url[a running server instead, such as http\://127.0.0.1\:4483/mcp]:URL:' \
        '--json[prints the tools as the protocol has them, as a JSON list]' \
        '*:QUERY:' ;;
      call)
        _arguments -s \
        '--config[the configuration (./vmcp.yaml)]:FILE:_files' \
        '-c[the configuration (./vmcp.yaml)]:FILE:_files' \
        '--url[a running server instead, such as http\://127.0.0.1\:4483/mcp]:URL:' \
        '--json[prints the whole result as the protocol has it]' \
        ':TOOL:' \
        '*:key=value:' ;;
      run)
        _arguments -s \
        '--data[an object whose keys are variables of the script; @FILE reads it from a file]:JSON:' \
        '--dry-run[checks the script, and calls nothing]' \
        '--config[the configuration (./vmcp.yaml)]:FILE:_files' \
        '-c[the configuration (./vmcp.yaml)]:FILE:_files' \
        '--url[a running server instead, such as http\://127.0.0.1\:4483/mcp]:URL:' \
        '--json[prints the whole result as the protocol has it]' \
        ':SCRIPT.star:_files' ;;
      star)
        _arguments -s \
        '*--option[a dialect option\: set, while, recursion, toplevelcontrol, globalreassign]:NAME:(set while recursion toplevelcontrol globalreassign)' \
        '--script[runs the file in code mode'\''s dialect]' \
        '--data[an object whose keys are variables of the script; @FILE reads it from a file]:JSON:' \
        ':FILE:_files' ;;
      connect)
        _arguments -s \
        '--dry-run[prints the changes, and writes nothing]' \
        '--remove[takes the server out again]' \
        '--url[the server (http\://127.0.0.1\:4483/mcp)]:URL:' \
        '--name[what clients call the server (vmcp)]:NAME:' \
        '--config[what a client that can only start a process serves (./vmcp.yaml)]:FILE:_files' \
        '-c[what a client that can only start a process serves (./vmcp.yaml)]:FILE:_files' \
        '*:CLIENT:(claude-code claude-desktop vscode cursor windsurf zed gemini-cli codex opencode goose cline lm-studio)' ;;
      auth)
        _arguments -s \
        '--config[the configuration (./vmcp.yaml)]:FILE:_files' \
        '-c[the configuration (./vmcp.yaml)]:FILE:_files' \
        '--no-browser[prints the URL alone]' \
        '--json[prints as JSON]' \
        ':ACTION:(login logout status list)' \
        ':BACKEND:' ;;
      key)
        _arguments -s \
        '*--group[a group of the caller]:GROUP:' \
        '--json[prints name, key, sha256 and groups as JSON]' \
        ':NAME:' ;;
      policy)
        _arguments -s \
        '--config[the configuration (./vmcp.yaml)]:FILE:_files' \
        '-c[the configuration (./vmcp.yaml)]:FILE:_files' \
        '*--principal[claims of a caller, or {"apiKey"\: NAME}]:JSON:' \
        '--tool[the tool, as "vmcp tools" lists it]:NAME:' \
        '--args[arguments of the call ({})]:JSON:' \
        '--csv[prints the table as CSV]' \
        '--json[prints the answer as JSON]' \
        ':QUESTION:(explain table)' ;;
      adoption)
        _arguments -s \
        '--prometheus[the Prometheus that scrapes the fleet; it needs no recording rules, and answers quicker with those of observability/rules]:URL:' \
        '--window[how far to look back, from 5m to 2y (30d)]:TIME:' \
        '--json[prints the report as JSON]' \
        '--output[text, md for Markdown, or csv with a line for each server (text)]:FORMAT:(text md csv)' \
        '--html[writes it as one self-contained HTML page]:FILE:_files' \
        '--ca-cert[a certificate authority to trust, as PEM]:FILE:_files' \
        '--timeout[the longest wait for one answer (60)]:SECONDS:' ;;
      plan)
        _arguments -s \
        '--config[the configuration (./vmcp.yaml)]:FILE:_files' \
        '-c[the configuration (./vmcp.yaml)]:FILE:_files' \
        '--url[the server (http\://127.0.0.1\:4483)]:URL:' \
        '--json[prints the changes as JSON]' \
        ':FILE:_files' ;;
      doctor)
        _arguments -s \
        '--config[the configuration (./vmcp.yaml)]:FILE:_files' \
        '-c[the configuration (./vmcp.yaml)]:FILE:_files' \
        '--port[the port that is to be free (4483)]:PORT:' \
        ':FILE:_files' ;;
      completion)
        _arguments -s \
        ':SHELL:(bash zsh fish)' ;;
      help) _describe command commands ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _vmcp "$@"
else
  compdef _vmcp vmcp
fi
