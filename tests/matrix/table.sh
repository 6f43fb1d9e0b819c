#!/bin/sh
# table.sh [check|write]: the table of what `make check-matrix` measured.
#
# Without a word it is printed. "check" fails where README.md has another one,
# "write" puts it there. What was not measured on this machine (a program that
# is missing, no root) is not compared, and then nothing is written either.
set -eu
cd "$(dirname "$0")/../.."
measured=${BUILD:-build}/matrix
begin='<!-- measured by make check-matrix -->'
end='<!-- end -->'

there() { # the table as README.md has it
	sed -n "/^$begin\$/,/^$end\$/{/^|/p;}" README.md
}

whole() { # whether every test that measures did
	for test in tests/matrix/*.bats; do
		grep -q matrix_row "$test" || continue
		name=${test##*/}
		[ -s "$measured/${name%.bats}.tsv" ] || return 1
	done
}

if ! ls "$measured"/*.tsv >/dev/null 2>&1; then
	echo 'The table of README.md was not compared: nothing was measured.'
	exit 0
fi
table=$(awk -f tests/matrix/table.awk "$measured"/*.tsv)

case ${1:-} in
'')
	printf '%s\n' "$table"
	;;
write)
	whole || { echo 'Not everything was measured.' >&2; exit 1; }
	new=$(mktemp)
	trap 'rm -f "$new"' EXIT
	printf '%s\n' "$table" >"$new"
	sed -i -e "/^$begin\$/,/^$end\$/{/^|/d;}" -e "/^$begin\$/r $new" README.md
	;;
check)
	known=$(there)
	status=0
	while IFS= read -r line; do
		printf '%s\n' "$known" | grep -qxF -e "$line" || {
			echo "README.md does not have: $line"
			status=1
		}
	done <<-END
		$table
	END
	if whole && [ "$table" != "$known" ]; then
		status=1
	fi
	[ "$status" -eq 0 ] || echo "README.md's table is not what was" \
	    "measured: tests/matrix/table.sh write"
	exit "$status"
	;;
*)
	echo 'usage: table.sh [check|write]' >&2
	exit 2
	;;
esac
