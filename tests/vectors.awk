# The table of the published vectors, from the lines that the programs which
# judge by them print: "# vectors: SET tests=N agreed=N skipped=N (REASON)".
# A set that was judged twice, by two builds, stands in it once, with the
# worse result. Prints nothing where no vectors were found.

function value(field) {
	sub(/^[a-z]+=/, "", field)
	return field + 0
}

/^# vectors: / && NF >= 6 {
	set = $3
	if (set in tests && value($5) >= agreed[set])
		next
	if (!(set in tests))
		order[++sets] = set
	tests[set] = value($4)
	agreed[set] = value($5)
	skipped[set] = value($6)
	reason[set] = $0
	sub(/^[^(]*/, "", reason[set])
}

function line(set, a, b, c, why) {
	why = sprintf("%-54s %6s %6s %7s  %s", set, a, b, c, why)
	sub(/ +$/, "", why)
	print why
}

END {
	if (sets == 0)
		exit
	for (i = 2; i <= sets; i++)
		for (k = i; k > 1 && order[k] < order[k - 1]; k--) {
			set = order[k]
			order[k] = order[k - 1]
			order[k - 1] = set
		}
	line("vectors", "tests", "agreed", "skipped", "")
	for (i = 1; i <= sets; i++) {
		set = order[i]
		line(set, tests[set], agreed[set], skipped[set], reason[set])
		all += tests[set]
		good += agreed[set]
		left += skipped[set]
	}
	line("total", all, good, left,
	    all == good + left ? "" : all - good - left " DISAGREE")
}
