/* SPDX-License-Identifier: ISC
 * xml_library_linked: libxml2 for programs that are linked with it. */
#include "wire/xml_parser.h"

const struct xml_library *xml_library_linked(void *context)
{
	static const struct xml_library LIBRARY = {
	    .xmlSetStructuredErrorFunc = xmlSetStructuredErrorFunc,
	    .xmlCreatePushParserCtxt = xmlCreatePushParserCtxt,
	    .xmlCtxtUseOptions = xmlCtxtUseOptions,
	    .xmlParseChunk = xmlParseChunk,
	    .xmlFreeParserCtxt = xmlFreeParserCtxt,
	};
	(void)context;

	return &LIBRARY;
}
