/* SPDX-License-Identifier: ISC
 * xml_parser: the push parser of libxml2, which a program may load when it first reads XML. */
#ifndef WIRE_XML_PARSER_H
#define WIRE_XML_PARSER_H

#include "base/slice.h"
#include <libxml/parser.h>

/* The functions that are used. Each member is named as its function is. */
struct xml_library {
	__typeof__(xmlSetStructuredErrorFunc) *xmlSetStructuredErrorFunc;
	__typeof__(xmlCreatePushParserCtxt) *xmlCreatePushParserCtxt;
	__typeof__(xmlCtxtUseOptions) *xmlCtxtUseOptions;
	__typeof__(xmlParseChunk) *xmlParseChunk;
	__typeof__(xmlFreeParserCtxt) *xmlFreeParserCtxt;
};

#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_parser_error;
#else
typedef xmlErrorPtr xml_parser_error;
#endif

/* Gives the library, the same at each call; NULL where it is missing. */
typedef const struct xml_library *xml_library_fn(void *context);

/* Names what gives the library from now on; NULL: nothing does. */
void xml_parser_use(xml_library_fn *fn, void *context);
/* The library that the program is linked with. */
xml_library_fn xml_library_linked;

/* Reads what it can read, builds no tree and asks for nothing elsewhere. NULL when out of memory,
 * and without the library. */
xmlParserCtxtPtr xml_parser_new(xmlSAXHandler *handler, void *context);
void xml_parser_feed(xmlParserCtxtPtr parser, struct slice text);
void xml_parser_finish(xmlParserCtxtPtr parser);
void xml_parser_free(xmlParserCtxtPtr parser);

#endif
