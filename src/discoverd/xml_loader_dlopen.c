/* SPDX-License-Identifier: ISC
 * xml_loader_dlopen: with the libraries that it brings, libxml2 takes more memory than all else. */
#include "discoverd/xml_loader.h"

#include "base/array.h"
#include "discoverd/library.h"

const char *xml_loader_load(struct xml_library *library)
{
	static const char *const NAMES[] = {"xmlSetStructuredErrorFunc", "xmlCreatePushParserCtxt",
	    "xmlCtxtUseOptions", "xmlParseChunk", "xmlFreeParserCtxt"};
	_Static_assert(sizeof(*library) == COUNT_OF(NAMES) * sizeof(void *), "one for each");

	return library_load(LIBXML_FILE, NAMES, COUNT_OF(NAMES), library);
}
