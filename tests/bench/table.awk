# SPDX-License-Identifier: MIT
# Fields between tabs become a Markdown table whose columns stand below each other; the first column
# starts at the left, numbers and the others at the right. The first line is the heading.

BEGIN {
	FS = "\t"
}

{
	for (i = 1; i <= NF; i++) {
		cell[NR, i] = $i
		if (length($i) > width[i])
			width[i] = length($i)
	}
	if (NF > columns)
		columns = NF
}

END {
	for (row = 1; row <= NR; row++) {
		for (i = 1; i <= columns; i++)
			printf "| %" (i == 1 ? "-" : "") width[i] "s ", cell[row, i]
		print "|"
		if (row > 1)
			continue
		for (i = 1; i <= columns; i++) {
			dashes = sprintf("%" (width[i] + 1) "s", "")
			gsub(/ /, "-", dashes)
			printf "|%s%s", dashes, i == 1 ? "-" : ":"
		}
		print "|"
	}
}
