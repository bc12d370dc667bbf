// The scripts of the shells. Each hands the words that are typed to `keyward __complete`, which answers a word and what it is for in
// each line; a place where files are meant gets files.

export const scripts = {
  bash: {
    example: 'source <(keyward completion bash)',
    text: `_keyward() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=( $(keyward __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1) )
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=( $(compgen -f -- "$word") )
}
complete -F _keyward keyward
`,
  },
  zsh: {
    example: 'keyward completion zsh > ~/.zfunc/_keyward',
    text: `#compdef keyward
_keyward() {
  local -a found
  local line
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(keyward __complete -- "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)
  if (( \${#found} )); then _describe 'keyward' found; else _files; fi
}
if [ "$funcstack[1]" = "_keyward" ]; then _keyward "$@"; else compdef _keyward keyward; fi
`,
  },
  fish: {
    example: 'keyward completion fish > ~/.config/fish/completions/keyward.fish',
    text: `function __keyward_complete
  set -l words (commandline -opc) (commandline -ct)
  keyward __complete -- $words[2..-1] 2>/dev/null
end
complete -c keyward -a '(__keyward_complete)'
`,
  },
} as const;
