# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Results: lines of rounds.c, and what is made of them. $bench is this directory.

table() {
	awk -f "$bench/table.awk"
}

# calculate FORMAT EXPRESSION: as awk has them; "-" where the expression lacks a number.
calculate() {
	awk "BEGIN { printf \"$1\", $2 }" 2>/dev/null || printf '-'
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# field FILE NAME NUMBER: of the line with that name, if it could run.
field() {
	awk -F '\t' -v name="$2" -v number="$3" '$1 == name && $2 { print $number }' "$1"
}

