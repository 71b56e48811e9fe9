# bash completion of layerscope.
#
# What there is to complete is asked of the program when Tab is pressed ("layerscope list words",
# five columns between tabs), so that nothing here has to follow its options.

# -f|-d PREFIX WORD: add paths, which may hold spaces, to COMPREPLY.
_layerscope_paths() {
    local IFS=$'\n'
    # shellcheck disable=SC2207 # mapfile is not in bash 3.2
    COMPREPLY+=($(compgen "$1" -P "$2" -- "$3"))
    compopt -o filenames 2>/dev/null
}

# TAKES NAMES PREFIX WORD: COMPREPLY for a word of that kind.
_layerscope_value() {
    case $1 in
    names | either | key)
        # shellcheck disable=SC2207
        COMPREPLY=($(compgen -P "$3" -W "$2" -- "$4"))
        ;;
    esac
    case $1 in
    key) compopt -o nospace 2>/dev/null ;;
    file | either) _layerscope_paths -f "$3" "$4" ;;
    folder) _layerscope_paths -d "$3" "$4" ;;
    esac
}

# PROGRAM ...: the function that bash calls.
_layerscope() {
    local program=$1 at=$COMP_CWORD word=${COMP_WORDS[COMP_CWORD]} command=window
    local before=-- prefix='' options='' free='' tables='' mode option takes names rest
    COMPREPLY=()
    case ${COMP_WORDS[1]} in
    run | watch | list) ((at > 1)) && command=${COMP_WORDS[1]} ;;
    esac

    # What the word is the value of. An equals sign is a word of its own, unless COMP_WORDBREAKS is
    # without it.
    if [[ $word == ?*=* ]]; then
        before=${word%=*} prefix=${word%=*}= word=${word##*=}
        before=${before##*=}
    elif [[ $word == '=' ]]; then
        before=${COMP_WORDS[at - 1]} word=''
    elif ((at > 2)) && [[ ${COMP_WORDS[at - 1]} == '=' ]]; then
        before=${COMP_WORDS[at - 2]}
    elif [[ ${COMP_WORDS[at - 1]} == --?* ]]; then
        before=${COMP_WORDS[at - 1]}
    fi
    if [[ $before != --* ]]; then
        before=--${before//_/-} # the KEY of --b KEY=VALUE
    fi

    while IFS=$'\t' read -r mode option takes names rest; do
        [[ $mode == "$command" ]] || continue
        if [[ $option == - ]]; then
            free=$takes tables=${names#-}
        elif [[ $option == "$before" && $takes != - ]]; then
            _layerscope_value "$takes" "${names#-}" "$prefix" "$word"
            return
        else
            options+=" $option"
        fi
    done < <("$program" list words 2>/dev/null)

    if [[ $word == -* ]]; then
        # shellcheck disable=SC2207
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    elif ((at > 1)) && [[ $command == window ]]; then
        _layerscope_paths -f '' "$word"
    else
        _layerscope_value "$free" "$tables" '' "$word"
    fi
}

complete -F _layerscope layerscope
