# Compares the register of attack classes, the first file, with the numbers in
# the names of the tests that passed, in the TAP of the other files. A number
# whose tests were all skipped on this machine is no failure, but is counted.
# Exit status 1: a number has neither a test nor a reason, or a test carries
# one that is not in the register.

FNR == NR {
	if (!/^[A-I][0-9]+ /)
		next
	order[++rows] = $1
	reason[$1] = $0
	if (sub(/^[^|]*\| */, "", reason[$1]) == 0)
		reason[$1] = ""
	next
}

/^(not )?ok / {
	name = $0
	left_out = name ~ /# *[Ss][Kk][Ii][Pp]/
	if (name ~ /^not/ && !left_out)
		next
	# cmocka puts "# SKIP" in front of the name, bats behind it.
	sub(/^(not )?ok [0-9]+ (- )?(# SKIP )?/, "", name)
	while (match(name, /^[A-Ia-i][0-9]+([ _:]|$)/)) {
		number = toupper(substr(name, 1, RLENGTH))
		gsub(/[ _:]/, "", number)
		if (left_out)
			skipped[number] = 1
		else
			passed[number] = 1
		if (!(number in reason))
			unknown[number] = name
		name = substr(name, RLENGTH + 1)
	}
}

END {
	for (i = 1; i <= rows; i++) {
		number = order[i]
		if (number in passed)
			tested++
		else if (reason[number] != "")
			named++
		else if (number in skipped)
			elsewhere++
		else
			lost = lost " " number
	}
	printf "attack classes: %d of %d answered by tests, %d named with a " \
	    "reason", tested, rows, named
	if (elsewhere)
		printf ", %d skipped here", elsewhere
	print ""
	if (lost != "")
		print "FAILED: no passed test and no reason in tests/attacks:" lost
	for (number in unknown)
		print "FAILED: not in tests/attacks: " number ", " unknown[number]
	for (number in unknown)
		lost = lost " " number
	exit rows == 0 || lost != ""
}
