#!/bin/bash
# coverage.sh: which lines of the product the tests reach, by gcov.
#
# $BUILD was built with --coverage. Runs the tests whose processes can all
# write their counts (none of sshd's sandbox, of jwt-issuerd's or of another
# account can; so jwt-issuerd's sources are not counted), then prints a table,
# and each line of the module and its library that no test reaches. Those are
# named in tests/unreached, "FILE: TEXT" as often as there are such lines, in
# groups with the reason. The exit status is 1 where one is not named, or where
# one that is named is reached after all.
set -u
umask 022
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build/coverage}
case $build in /*) ;; *) build=$PWD/$build ;; esac

find "$build" -name '*.gcda' -delete
# Whatever account a process of the tests has, it can add to the counts.
find "$build" -name '*.gcno' | while read -r notes; do
	: >"${notes%.gcno}.gcda"
	chmod 666 "${notes%.gcno}.gcda"
done
words=(unit/ fuzz/)
for file in tests/login/test_*.c tests/login/*.bats; do
	name=${file##*/}
	name=${name%.*}
	case $name in
	askpass_ssh | askpass_sudo | demo | field | host | long_tokens) ;;
	recipes_* | ssh | su | sudo | untold | user) ;;
	issuerd* | story) ;;
	*) words+=("login/${name#test_}") ;;
	esac
done
# Worlds of the tests leave this folder writable.
export COVERAGE=$build
BUILD=$build tests/run plain -- "${words[@]}" >"$build/run.log" 2>&1 || {
	cat "$build/run.log"
	echo 'coverage: the tests failed, so nothing is counted.'
	exit 1
}
tail -n 1 "$build/run.log"

for source in pam_jwt*.c jwt/*.c tools/*.c issuer/*.c netd/*.c; do
	[[ $source != issuer/jwt-issuerd* ]] || continue
	gcov --stdout --object-directory "$build/${source%.c}.o" "$source" \
	    2>/dev/null | sed "s|^|$source:|"
done | awk -v list=tests/unreached '
BEGIN {
	while ((getline line <list) > 0) {
		if (line ~ /^#/ || line == "")
			continue
		named[line]++
	}
}
{
	source = $0
	sub(/:.*/, "", source)
	line = substr($0, length(source) + 2)
	# Of what a source includes nothing counts.
	if (line ~ /^ *-: *0:Source:/)
		own = line ~ (":" source "$")
	if (!own)
		next
	split(line, field, ":")
	count = field[1]
	gsub(/ /, "", count)
	number = field[2] + 0
	if (number == 0 || count == "-")
		next
	text = line
	sub(/^[^:]*:[^:]*:[ \t]*/, "", text)
	if (!(source in lines))
		order[++sources] = source
	lines[source]++
	if (count !~ /^[#=]/) {
		reached[source]++
		next
	}
	key = source ": " text
	if (seen[key] < named[key]) {
		seen[key]++
		known++
	} else if (source ~ /^(jwt\/|pam_jwt(_fetch)?[.]c)/) {
		unknown[++unknowns] = source ":" number ": " text
	}
}
END {
	for (i = 1; i <= sources; i++) {
		source = order[i]
		printf "%-28s %5d of %5d lines  %5.1f %%\n", source, \
		    reached[source], lines[source], \
		    100 * reached[source] / lines[source]
		all += lines[source]
		got += reached[source]
	}
	printf "%-28s %5d of %5d lines  %5.1f %%, %d more are named in %s\n", \
	    "all", got, all, 100 * got / all, known, list
	for (i = 1; i <= unknowns; i++)
		print "not reached: " unknown[i]
	for (key in named)
		if (seen[key] < named[key]) {
			print "named, but reached or gone: " key
			stale++
		}
	exit unknowns > 0 || stale > 0
}'
