"""Scripts that connect a shell's completion with the ``__complete`` protocol."""

from __future__ import annotations

_BASH = r"""# Completion of PROGRAM for bash.

# Joins again what bash broke at '=' and ':'; the result is in the caller's array words.
__IDENTIFIER_join_words() {
    local rest=$COMP_LINE gap index
    words=()
    for ((index = 0; index <= COMP_CWORD; index++)); do
        gap=${rest%%[![:space:]]*}
        rest=${rest#"$gap"}
        if ((index == 0)) || [[ -n $gap ]]; then
            words+=("${COMP_WORDS[index]}")
        else
            words[${#words[@]} - 1]+=${COMP_WORDS[index]}
        fi
        rest=${rest#"${COMP_WORDS[index]}"}
    done
}

# Shows hints of the program under the command line, and the command line again.
__IDENTIFIER_show_hints() {
    local hint
    for hint in "$@"; do
        printf '\n%s' "$hint"
    done
    if ((BASH_VERSINFO[0] > 4 || (BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] >= 4))); then
        printf '\n%s%s' "${PS1@P}" "$COMP_LINE"
    fi
}

# Puts the offers into COMPREPLY, with descriptions when there are several and they are only listed.
__IDENTIFIER_offer() {
    local offer value text longest=0
    for offer in "$@"; do
        value=${offer%%$'\t'*}
        ((${#value} > longest)) && longest=${#value}
    done
    for offer in "$@"; do
        value=${offer%%$'\t'*}
        text=
        [[ $offer == *$'\t'* ]] && text=${offer#*$'\t'}
        if (($# > 1)) && [[ -n $text && $COMP_TYPE != 37 && $COMP_TYPE != 42 ]]; then
            printf -v value '%-*s  (%s)' "$longest" "$value" "$text"
            value=${value:0:${COLUMNS:-80}}
        fi
        COMPREPLY+=("$value")
    done
}

__IDENTIFIER_complete() {
    local words current answer directive line prefix='' head=''
    local offers=() hints=()
    COMPREPLY=()
    __IDENTIFIER_join_words
    current=${words[${#words[@]} - 1]}
    answer=$("${words[0]/#\~/$HOME}" REQUEST "${words[@]:1}" 2>/dev/null) || return
    answer=$'\n'$answer
    directive=${answer##*$'\n':}
    answer=${answer%$'\n':*}
    [[ $directive =~ ^[0-9]+$ ]] || return
    ((directive & 1)) && return

    if [[ $current == -*=* ]]; then
        [[ $COMP_WORDBREAKS == *=* ]] || prefix=${current%%=*}=
        current=${current#*=}
    fi
    if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
        head=${current%"${current##*:}"}
    fi
    while IFS= read -r line; do
        if [[ $line == '_activeHelp_ '* ]]; then
            hints+=("${line#_activeHelp_ }")
        elif [[ -n $line && $line == "$current"* ]]; then
            line=${line#"$head"}
            offers+=("$prefix$line")
        fi
    done <<<"$answer"

    if [[ $(type -t compopt) == builtin ]]; then
        ((directive & 2)) && compopt -o nospace
        ((directive & 4)) && compopt +o default
        ((directive & 32)) && compopt -o nosort
    fi
    if ((directive & 16)); then
        COMPREPLY=($(compgen -d -- "$current"))
    elif ((directive & 8)); then
        while IFS= read -r line; do
            [[ -n $line ]] && COMPREPLY+=($(compgen -f -X "!*.$line" -- "$current"))
        done <<<"$answer"
    elif ((${#offers[@]})); then
        __IDENTIFIER_offer "${offers[@]}"
    elif ((${#hints[@]})); then
        __IDENTIFIER_show_hints "${hints[@]}"
    fi
}

complete -o default -F __IDENTIFIER_complete PROGRAM
"""

_ZSH = r"""#compdef PROGRAM
compdef _IDENTIFIER PROGRAM

# Completion of PROGRAM for zsh.
_IDENTIFIER() {
    local answer line value text directive
    local -a lines offers hints options

    answer=$("${(Q)words[1]}" REQUEST "${(@Q)words[2,CURRENT]}" 2>/dev/null) || return 1
    lines=("${(@f)answer}")
    directive=${lines[-1]#:}
    [[ $directive == <-> ]] || return 1
    lines[-1]=()
    (( directive & 1 )) && return 1
    [[ $PREFIX == -*=* ]] && compset -P '-*='

    if (( directive & 16 )); then
        _files -/
        return
    elif (( directive & 8 )); then
        _files -g "*.(${(j:|:)lines})"
        return
    fi
    for line in $lines; do
        if [[ $line == '_activeHelp_ '* ]]; then
            hints+=("${line#_activeHelp_ }")
            continue
        fi
        value=${line%%$'\t'*}
        text=
        [[ $line == *$'\t'* ]] && text=${line#*$'\t'}
        value=${value//:/\\:}
        offers+=("${value}${text:+:$text}")
    done
    for line in $hints; do
        compadd -x "$line"
    done
    (( directive & 2 )) && options+=(-S '')
    (( directive & 32 )) && options=(-V $options)
    if (( $#offers )) && _describe 'completions' offers $options; then
        return 0
    fi
    (( directive & 4 )) || _files
}

# The file may be read with 'source' or found by the shell as a function.
if [[ $funcstack[1] == _IDENTIFIER ]]; then
    _IDENTIFIER "$@"
fi
"""

_FISH = r"""# Completion of PROGRAM for fish.

function __IDENTIFIER_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    test (count $current) -eq 0; and set current ''
    set -l lines ($before[1] REQUEST $before[2..-1] $current 2>/dev/null)
    test (count $lines) -gt 0; or return
    set -l directive (string replace -r '^:' '' -- $lines[-1])
    string match -qr '^[0-9]+$' -- $directive; or return
    test (math "$directive % 2") -eq 0; or return
    set -e lines[-1]

    set -l prefix ''
    if string match -qr '^-[^=]*=' -- $current
        set prefix (string match -r '^-[^=]*=' -- $current)
    end
    set -l found 0
    for line in $lines
        if not string match -q '_activeHelp_ *' -- $line
            printf '%s\n' $prefix$line
            set found 1
        end
    end
    # Files are offered where the program leaves it to the shell.
    if test $found -eq 0; and test (math "floor($directive / 4) % 2") -eq 0
        __fish_complete_path $current
    end
end

complete -c PROGRAM -e
complete -c PROGRAM -f -a '(__IDENTIFIER_complete)'
"""

_POWERSHELL = r"""# Completion of PROGRAM for PowerShell.

Register-ArgumentCompleter -Native -CommandName 'PROGRAM' -ScriptBlock {
    param($WordToComplete, $CommandAst, $CursorPosition)

    $Line = $CommandAst.ToString()
    $Length = [Math]::Min($CursorPosition - $CommandAst.Extent.StartOffset, $Line.Length)
    $Words = @()
    foreach ($Element in $CommandAst.CommandElements) {
        if ($Element.Extent.StartOffset - $CommandAst.Extent.StartOffset -lt $Length) {
            $Words += $Element.ToString()
        }
    }
    $Program = $Words[0]
    $Arguments = @($Words | Select-Object -Skip 1)
    if ($WordToComplete -eq '') { $Arguments += '""' }
    if ($PSVersionTable.PSVersion -ge [Version]'7.3' -and $PSNativeCommandArgumentPassing -ne 'Legacy') {
        $Arguments = @($Arguments | ForEach-Object { if ($_ -eq '""') { '' } else { $_ } })
    }

    $Answer = @(& $Program REQUEST @Arguments 2>$null)
    if ($Answer.Count -eq 0 -or $Answer[-1] -notmatch '^:(\d+)$') { return }
    $Directive = [int]$Matches[1]
    if ($Directive -band 1) { return }
    $Current = $WordToComplete
    $Prefix = ''
    if ($Current -match '^(-[^=]*=)(.*)$') {
        $Prefix = $Matches[1]
        $Current = $Matches[2]
    }
    $Space = if ($Directive -band 2) { '' } else { ' ' }
    $Offers = @($Answer | Select-Object -SkipLast 1 | Where-Object {
        $_ -ne '' -and -not $_.StartsWith('_activeHelp_ ') -and $_.StartsWith($Current)
    })
    foreach ($Offer in $Offers) {
        $Value, $Text = $Offer.Split("`t", 2)
        if (-not $Text) { $Text = $Value }
        [System.Management.Automation.CompletionResult]::new("$Prefix$Value$Space", $Value, 'ParameterValue', $Text)
    }
    # An empty answer keeps PowerShell from offering files where the program wants none.
    if ($Offers.Count -eq 0 -and ($Directive -band 4)) { '' }
}
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}


def completion_script(shell: str, program: str, *, described: bool = True) -> str:
    """Return the script for a shell.

    Args:
        shell: ``bash``, ``zsh``, ``fish`` or ``powershell``.
        program: Name of the command that is completed.
        described: Whether offers come with descriptions.
    """
    request = "__complete" if described else "__completeNoDesc"
    identifier = "".join(letter if letter.isalnum() else "_" for letter in program)
    script = _SCRIPTS[shell].replace("IDENTIFIER", identifier).replace("REQUEST", request)
    return script.replace("PROGRAM", program)
