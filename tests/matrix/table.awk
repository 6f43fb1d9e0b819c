# table.awk MEASURED...: a table for README.md of what `make check-matrix`
# measured, one line for each application and way to give it a token.
BEGIN {
	FS = "\t"
	print "| application | how the token is given | logs in up to | and then |"
	print "|---|---|---|---|"
}

{
	row = $1 " | " $2
	if (!(row in rows))
		rows[row] = ++count
	order[rows[row]] = row
	outcome[row, $3] = $4
	if (!($3 in known)) {
		known[$3]
		lengths[++tried] = $3 + 0
	}
}

# Where a shorter one takes more prompts than the longest.
function worst(row, longest,    j, prompts, most, text) {
	most = substr(outcome[row, longest], 7) + 0
	for (j = 1; j <= tried; j++) {
		prompts = 0
		if ((row, lengths[j]) in outcome &&
		    outcome[row, lengths[j]] ~ /^login /)
			prompts = substr(outcome[row, lengths[j]], 7) + 0
		if (prompts > most) {
			most = prompts
			text = ", " prompts " for " lengths[j]
		}
	}
	return text
}

# What becomes of the first token that is too long, or how the longest comes.
function beyond(row, longest, next_one,    text) {
	text = outcome[row, next_one != "" ? next_one : longest]
	if (sub(/^login /, "", text)) {
		text = text == 1 ? "one prompt" : text " prompts for " longest
		return text worst(row, longest)
	}
	if (sub(/^reason /, "", text))
		return next_one ": refused, `" text "`"
	sub(/^client /, "", text)
	return next_one ": \"" text "\""
}

END {
	# Few lengths, so by hand.
	for (i = 2; i <= tried; i++)
		for (j = i; j > 1 && lengths[j] < lengths[j - 1]; j--) {
			k = lengths[j]
			lengths[j] = lengths[j - 1]
			lengths[j - 1] = k
		}
	for (i = 1; i <= count; i++) {
		row = order[i]
		longest = next_one = but = ""
		for (j = 1; j <= tried; j++)
			if ((row, lengths[j]) in outcome &&
			    outcome[row, lengths[j]] ~ /^login /)
				longest = lengths[j]
		# Some fail at the lengths after which the module asks on.
		for (j = 1; j <= tried; j++) {
			if (!((row, lengths[j]) in outcome) ||
			    outcome[row, lengths[j]] ~ /^login /)
				continue
			if (lengths[j] < longest + 0)
				but = but (but == "" ? ", not " : ", ") lengths[j]
			else if (next_one == "")
				next_one = lengths[j]
		}
		printf "| %s | %s | %s |\n", row,
		    longest != "" ? longest but : "never",
		    beyond(row, longest, next_one)
	}
}
