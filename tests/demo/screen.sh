# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the demo shows and how: every claim on the screen is checked.
#
#	title TEXT
#	show EXPECTED-STATUS EXPECTED-REGEX COMMAND...	the command, and what it says
#	shown_all			1 where something was not as it should be

failed=0

bold='' plain=''
if [ -t 1 ]; then
	bold=$(tput bold 2>/dev/null || true)
	plain=$(tput sgr0 2>/dev/null || true)
fi

title() {
	printf '\n%s%s%s\n' "$bold" "$1" "$plain"
}

# show EXPECTED-STATUS EXPECTED-REGEX COMMAND...: print the command, run it, print what it says.
show() {
	local wanted=$1 pattern=$2 output status word line='$'
	shift 2
	for word; do
		case $word in
		*[[:space:]\;\|\&\$]*) line="$line '${word//$'\n'/ }'" ;;
		*) line="$line $word" ;;
		esac
	done
	printf '%s\n' "$line"
	output=$("$@" 2>&1 </dev/null)
	status=$?
	[ -z "$output" ] || printf '%s\n' "$output" | head -n 20 | sed 's/^/    /'
	[ "$status" -eq 0 ] || printf '    (exit code %s)\n' "$status"
	if [ "$status" -ne "$wanted" ] || ! [[ $output =~ $pattern ]]; then
		printf '    %sNOT AS IT SHOULD BE: expected exit code %s and "%s"%s\n' "$bold" "$wanted" "$pattern" "$plain"
		failed=$((failed + 1))
	fi
}

shown_all() {
	[ "$failed" -eq 0 ] && return
	printf '\n%s of the things above are not as they should be.\n' "$failed"
	return 1
}
