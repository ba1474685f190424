# SPDX-License-Identifier: ISC
# Turns each file NAME into a C string NAME_TEXT, in capitals and with "_" for what no C name has, without the line of its licence.
# `guard` names the header, `ending` is what is left out at the end of the names.
BEGIN {
	print "/* Made from other files; not to be edited. */"
	print "#ifndef " guard "\n#define " guard
}
FNR == 1 {
	if (NR > 1)
		print "\t;"
	name = FILENAME
	sub(/.*\//, "", name)
	if (ending != "" && substr(name, length(name) - length(ending) + 1) == ending)
		name = substr(name, 1, length(name) - length(ending))
	gsub(/[^A-Za-z0-9]/, "_", name)
	print "static const char " toupper(name) "_TEXT[] ="
}
!/SPDX-License-Identifier/ {
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	print "\t\"" $0 "\\n\""
}
END {
	print "\t;\n#endif"
}
