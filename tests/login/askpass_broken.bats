#!/usr/bin/env bats
# Variables come from broken.bash, and go to the commands of each test.
# shellcheck disable=SC2030,SC2031,SC2154
#
# jwt-askpass where memory runs out or the machine fails, at every place in
# turn: the piece that is asked for or nothing, and one sentence says what
# failed.

bats_require_minimum_version 1.5.0

setup() {
	load broken
	load askpass
	broken_begin
	mkdir -m 700 "$W/kept"
	TOKEN=$W/token
	unsigned '"ssh://build7"' 1600
	text=$(<"$TOKEN")
	export XDG_RUNTIME_DIR=$W/kept
	kinds='prctl fstat faccessat fchmod write close fstatat uname'
}

teardown() {
	broken_end
}

# kept: one file, and the whole token in it.
kept() {
	local file
	local -a files=("$W"/kept/*)
	[ -e "${files[0]}" ] && [ ${#files[@]} -eq 1 ] &&
	    file=$(<"${files[0]}") && [ "$file" = "build7"$'\n'"$text" ]
}

# A command may say something before it, for it fails as well.
ends_in_a_sentence() {
	[[ $err =~ (^|$'\n')jwt-askpass:\ [^$'\n']+$'\n'$ && $err != *eyJ* ]]
}

# The rest of a token that is not kept could be another's.
first_piece_or_fails() {
	local status_kept=0
	kept || status_kept=$?
	rm -f "$W"/kept/*
	if [ "$status" -eq 0 ]; then
		[ "$out" = "${text:0:1023}" ] && [ "$status_kept" -eq 0 ]
	else
		[ "$status" -eq 1 ] && [[ $text == "$out"* ]] &&
		    ends_in_a_sentence
	fi
}

all_or_fails() {
	if [ "$status" -eq 0 ]; then
		[ "$out" = "$lines_of_511" ]
	else
		[ "$status" -eq 1 ] && [[ $lines_of_511 == "$out"* ]] &&
		    ends_in_a_sentence
	fi
}

@test 'jwt-askpass: a file, and the first piece of it' {
	export JWT_FILE=$TOKEN
	sweep first_piece_or_fails "$ASKPASS" '(deploy@build7) JWT: '
	each write 0 1 first_piece_or_fails "$ASKPASS" '(deploy@build7) JWT: '
	each write 4 1 first_piece_or_fails "$ASKPASS" '(deploy@build7) JWT: '
	[ "$whole_status" -eq 0 ]
}

@test 'jwt-askpass: a command, and the first piece of what it prints' {
	# A close that fails has closed, on Linux, but here it does nothing, and
	# a pipe that is held open never ends.
	kinds=${kinds/ close/}
	export JWT_COMMAND="/bin/cat $TOKEN"
	sweep first_piece_or_fails "$ASKPASS" '(deploy@build7) JWT: '
	[ "$whole_status" -eq 0 ]
}

@test 'jwt-askpass: what is refused stays so, whatever fails' {
	export JWT_FILE=$TOKEN
	whole "$ASKPASS" '(deploy@web1) JWT: '
	[ "$whole_status" -eq 1 ] && sentence
	[[ $err == *'another host than "web1"'* ]]
	sweep sentence "$ASKPASS" '(deploy@web1) JWT: '
}

@test 'jwt-askpass --pieces: lines, and a sentence where they end early' {
	lines_of_511=$(fold -w 511 "$TOKEN")$'\n'
	sweep all_or_fails "$ASKPASS" --pieces "$TOKEN"
	[ "$whole_status" -eq 0 ]
}
