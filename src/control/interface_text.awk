# SPDX-License-Identifier: ISC
# Turns each file NAME.varlink into a C string NAME_TEXT, in capitals and with "_" for dots; -v guard=NAME names the header.
BEGIN {
	print "/* Made from the .varlink files beside this; not to be edited. */"
	if (!guard)
		guard = "CONTROL_INTERFACE_TEXT_H"
	print "#ifndef " guard "\n#define " guard
}
FNR == 1 {
	if (NR > 1)
		print "\t;"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.varlink$/, "", name)
	gsub(/\./, "_", name)
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
