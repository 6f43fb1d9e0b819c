#!/usr/bin/env bats
# What make says to somebody who does not know it yet, or whose machine lacks
# something. Nothing is installed and nothing is built where the source lies.

setup() {
	# As of `make check DEPS=no`, which is not meant for these.
	unset DEPS
	cd "$BATS_TEST_DIRNAME/.."
}

# The plain build, as far as its first file.
first_object() {
	make BUILD="$BATS_TEST_TMPDIR/build" "$@" \
	    "$BATS_TEST_TMPDIR/build/jwt/text.o"
}

@test "make help names every target that people call" {
	run make -s help
	[ "$status" -eq 0 ]
	for target in check check-long coverage demo install uninstall fuzz lint \
	    clean; do
		grep -qw "$target" <<<"$output"
	done
	[[ $output != *'#'* ]]
}

@test "a build without a compiler says which package brings it" {
	run first_object CC=no-such-compiler
	[ "$status" -ne 0 ]
	[[ $output == *'lacks, by their Debian names: gcc'$'\n'* ]]
}

@test "a build without pkg-config says which package brings it" {
	run first_object PKG_CONFIG=no-such-program
	[[ $output == *'lacks, by their Debian names: pkg-config'$'\n'* ]]
}

@test "DEPS=no looks for nothing" {
	run first_object CC=no-such-compiler DEPS=no
	[ "$status" -ne 0 ]
	[[ $output != *'lacks, by'* ]]
}

@test "a build that lacks nothing says nothing of it" {
	run first_object CC='env gcc'
	[ "$status" -eq 0 ]
	[[ $output != *'lacks, by'* ]]
}
