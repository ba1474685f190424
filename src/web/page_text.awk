# SPDX-License-Identifier: ISC
# Turns each file of page/, NAME.EXTENSION, into a C string NAME_EXTENSION_TEXT in capitals.
BEGIN {
	print "/* Made from the files in page/; not to be edited. */"
	print "#ifndef WEB_PAGE_TEXT_H\n#define WEB_PAGE_TEXT_H"
}
FNR == 1 {
	if (NR > 1)
		print "\t;"
	name = FILENAME
	sub(/.*\//, "", name)
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
