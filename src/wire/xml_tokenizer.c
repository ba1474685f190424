/* SPDX-License-Identifier: ISC
 * xml_tokenizer: a state machine over the characters of an XML document. */
#include "wire/xml_tokenizer.h"
#include "base/array.h"
#include "base/ascii.h"
#include "base/text.h"
#include <errno.h>
#include <string.h>

enum { CHARACTER_REPLACEMENT = 0xfffd, LATIN1_FIRST = 0xa0 };

/* HTML's names of U+00A0 to U+00FF, in order. */
static const char *const LATIN1[] = {"nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar",
    "sect", "uml", "copy", "ordf", "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2",
    "sup3", "acute", "micro", "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14",
    "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig",
    "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH",
    "Ntilde", "Ograve", "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute",
    "Ucirc", "Uuml", "Yacute", "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml",
    "aring", "aelig", "ccedil", "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc",
    "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash",
    "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml"};
_Static_assert(COUNT_OF(LATIN1) == 0x100 - LATIN1_FIRST, "one for each character");

/* XML's own names, and HTML's that stand in names of things. */
static const struct {
	const char *name;
	uint32_t code_point;
} NAMES[] = {
    {"amp", '&'},
    {"lt", '<'},
    {"gt", '>'},
    {"quot", '"'},
    {"apos", '\''},
    {"ndash", 0x2013},
    {"mdash", 0x2014},
    {"lsquo", 0x2018},
    {"rsquo", 0x2019},
    {"sbquo", 0x201a},
    {"ldquo", 0x201c},
    {"rdquo", 0x201d},
    {"bdquo", 0x201e},
    {"bull", 0x2022},
    {"hellip", 0x2026},
    {"euro", 0x20ac},
    {"trade", 0x2122},
};

static void flush(struct xml_tokenizer *tokenizer)
{
	if (tokenizer->text_len > 0)
		tokenizer->sink->text(
		    tokenizer->context, (struct slice){tokenizer->text, tokenizer->text_len});
	tokenizer->text_len = 0;
}

static void put(struct xml_tokenizer *tokenizer, char c)
{
	if (tokenizer->text_len == sizeof(tokenizer->text))
		flush(tokenizer);
	tokenizer->text[tokenizer->text_len++] = c;
}

/* XML 1.0, 2.11: the end of a line is one '\n', however it is written. */
static void put_text(struct xml_tokenizer *tokenizer, char c)
{
	if (c != '\n' || !tokenizer->after_cr)
		put(tokenizer, c == '\r' ? '\n' : c);
	tokenizer->after_cr = c == '\r';
}

static void put_code_point(struct xml_tokenizer *tokenizer, uint32_t code_point)
{
	char bytes[4];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	text_encode(code_point, &w);
	for (size_t i = 0; i < w.len; i++)
		put(tokenizer, bytes[i]);
	tokenizer->after_cr = false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool begins_name(char c)
{
	return ascii_is_letter(c) || c == '_' || c == ':';
}

static bool continues_name(char c)
{
	return begins_name(c) || ascii_is_digit(c) || c == '-' || c == '.';
}

/* Each function below takes the next character in its state. False: the state is another one now,
 * and the character is for that. */

static bool in_text(struct xml_tokenizer *tokenizer, char c)
{
	if (c != '<' && c != '&') {
		put_text(tokenizer, c);
		return true;
	}
	tokenizer->ahead[0] = c;
	tokenizer->ahead_len = 1;
	tokenizer->state = c == '<' ? XML_AFTER_LESS_THAN : XML_IN_REFERENCE;
	return true;
}

/* What stands ahead is text after all. */
static bool turn_out_as_text(struct xml_tokenizer *tokenizer)
{
	for (size_t i = 0; i < tokenizer->ahead_len; i++)
		put_text(tokenizer, tokenizer->ahead[i]);
	tokenizer->state = XML_IN_TEXT;
	return false;
}

static bool begin_tag(struct xml_tokenizer *tokenizer)
{
	tokenizer->closing = tokenizer->ahead_len > 1;
	tokenizer->empty = false;
	tokenizer->name_len = tokenizer->attribute_count = tokenizer->values_len = 0;
	tokenizer->state = XML_IN_NAME;
	return false;
}

static bool end_tag(struct xml_tokenizer *tokenizer)
{
	struct slice name = {tokenizer->name, tokenizer->name_len};

	flush(tokenizer);
	tokenizer->after_cr = false;
	if (!tokenizer->closing)
		tokenizer->sink->start(
		    tokenizer->context, name, tokenizer->attributes, tokenizer->attribute_count);
	if (tokenizer->closing || tokenizer->empty)
		tokenizer->sink->end(tokenizer->context, name);
	tokenizer->state = XML_IN_TEXT;
	return true;
}

/* Behind "<!". */
static bool in_declaration(struct xml_tokenizer *tokenizer, char c)
{
	static const struct {
		struct slice text;
		enum xml_state state;
	} MARKUP[] = {
	    {{"<!--", 4}, XML_IN_COMMENT},
	    {{"<![CDATA[", 9}, XML_IN_CDATA},
	    {{"<!DOCTYPE", 9}, XML_REFUSED},
	    {{"<!ENTITY", 8}, XML_REFUSED},
	};
	struct slice ahead = {tokenizer->ahead, tokenizer->ahead_len + 1};

	tokenizer->ahead[tokenizer->ahead_len] = c;
	for (size_t i = 0; i < COUNT_OF(MARKUP); i++) {
		if (!slice_starts_with_nocase(MARKUP[i].text, ahead))
			continue;
		tokenizer->ahead_len++;
		if (tokenizer->ahead_len == MARKUP[i].text.len) {
			tokenizer->state = MARKUP[i].state;
			tokenizer->matched = 0;
		}
		return true;
	}
	return turn_out_as_text(tokenizer);
}

static bool after_less_than(struct xml_tokenizer *tokenizer, char c)
{
	char last = tokenizer->ahead[tokenizer->ahead_len - 1];

	if (tokenizer->ahead_len > 1 && tokenizer->ahead[1] == '!')
		return in_declaration(tokenizer, c);
	if (last == '?') {
		if (!begins_name(c))
			return turn_out_as_text(tokenizer);
		tokenizer->state = XML_IN_INSTRUCTION;
		return true;
	}
	if (begins_name(c))
		return begin_tag(tokenizer);
	if (last == '/' && is_space(c))
		return true;
	if (last == '/' || (c != '/' && c != '!' && c != '?'))
		return turn_out_as_text(tokenizer);
	tokenizer->ahead[tokenizer->ahead_len++] = c;
	return true;
}

/* "38" or "x26" */
static uint32_t meaning_of_number(struct slice number)
{
	bool hex = slice_starts_with_nocase(number, SLICE("x"));
	struct slice digits = slice_skip(number, hex);
	uint32_t value = 0;

	for (size_t i = 0; i < digits.len; i++) {
		char c = digits.bytes[i];
		if (hex ? !ascii_is_hex(c) : !ascii_is_digit(c))
			return 0;
		uint32_t digit = (uint32_t)(ascii_is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
		if (value <= 0x10ffff)
			value = value * (hex ? 16 : 10) + digit;
	}
	if (digits.len == 0)
		return 0;
	bool control = value < ' ' && value != '\t' && value != '\n' && value != '\r';
	bool surrogate = value >= 0xd800 && value <= 0xdfff;
	bool none = (value | 1) == 0xffff || value > 0x10ffff;
	return control || surrogate || none ? CHARACTER_REPLACEMENT : value;
}

/* The code point that a reference means, without its '&' and ';'; 0: none that is known. */
static uint32_t meaning(struct slice name)
{
	if (slice_starts_with(name, SLICE("#")))
		return meaning_of_number(slice_skip(name, 1));
	for (size_t i = 0; i < COUNT_OF(NAMES); i++)
		if (slice_equal(name, slice_of(NAMES[i].name)))
			return NAMES[i].code_point;
	for (size_t i = 0; i < COUNT_OF(LATIN1); i++)
		if (slice_equal(name, slice_of(LATIN1[i])))
			return LATIN1_FIRST + (uint32_t)i;
	return 0;
}

static bool in_reference(struct xml_tokenizer *tokenizer, char c)
{
	bool fits = tokenizer->ahead_len < sizeof(tokenizer->ahead);

	if (c == ';') {
		struct slice ahead = {tokenizer->ahead, tokenizer->ahead_len};
		uint32_t code_point = meaning(slice_skip(ahead, 1));
		if (code_point == 0)
			return turn_out_as_text(tokenizer);
		put_code_point(tokenizer, code_point);
		tokenizer->state = XML_IN_TEXT;
		return true;
	}
	if (!fits ||
	    !(ascii_is_letter(c) || ascii_is_digit(c) || (c == '#' && tokenizer->ahead_len == 1)))
		return turn_out_as_text(tokenizer);
	tokenizer->ahead[tokenizer->ahead_len++] = c;
	return true;
}

static bool in_comment(struct xml_tokenizer *tokenizer, char c)
{
	if (c == '-')
		tokenizer->matched += tokenizer->matched < 2;
	else if (c == '>' && tokenizer->matched == 2)
		tokenizer->state = XML_IN_TEXT;
	else
		tokenizer->matched = 0;
	return true;
}

/* HTML ends it like this too: one that lacks its '?' must not cost the rest of the document. */
static bool in_instruction(struct xml_tokenizer *tokenizer, char c)
{
	if (c == '>')
		tokenizer->state = XML_IN_TEXT;
	return true;
}

static bool in_cdata(struct xml_tokenizer *tokenizer, char c)
{
	if (c == ']' && tokenizer->matched < 2) {
		tokenizer->matched++;
		return true;
	}
	if (c == '>' && tokenizer->matched == 2) {
		tokenizer->state = XML_IN_TEXT;
		return true;
	}
	for (; c != ']' && tokenizer->matched > 0; tokenizer->matched--)
		put(tokenizer, ']');
	put_text(tokenizer, c);
	return true;
}

/* Of a name that is too long the beginning counts. */
static bool in_name(struct xml_tokenizer *tokenizer, char c)
{
	if (is_space(c) || c == '/' || c == '>' || c == '<') {
		tokenizer->state = XML_BETWEEN_ATTRIBUTES;
		return false;
	}
	if (tokenizer->name_len < sizeof(tokenizer->name))
		tokenizer->name[tokenizer->name_len++] = continues_name(c) ? c : '_';
	return true;
}

static bool between_attributes(struct xml_tokenizer *tokenizer, char c)
{
	if (is_space(c))
		return true;
	if (c == '>')
		return end_tag(tokenizer);
	if (c == '<')
		return !end_tag(tokenizer);
	tokenizer->empty = c == '/';
	if (!begins_name(c))
		return true;
	tokenizer->attribute_len = tokenizer->attribute_name_len = 0;
	tokenizer->state = XML_IN_ATTRIBUTE;
	return false;
}

/* Of one that is too long only the length goes on. */
static void add_to_attribute(struct xml_tokenizer *tokenizer, char c)
{
	if (tokenizer->attribute_count < XML_ATTRIBUTES_MAX &&
	    tokenizer->attribute_len < XML_ATTRIBUTE_MAX)
		tokenizer->values[tokenizer->values_len + tokenizer->attribute_len] = c;
	tokenizer->attribute_len++;
}

static void close_attribute(struct xml_tokenizer *tokenizer)
{
	const char *bytes = tokenizer->values + tokenizer->values_len;
	size_t len = tokenizer->attribute_len, name_len = tokenizer->attribute_name_len;

	tokenizer->state = XML_BETWEEN_ATTRIBUTES;
	if (tokenizer->closing)
		return;
	if (tokenizer->attribute_count == XML_ATTRIBUTES_MAX || len > XML_ATTRIBUTE_MAX) {
		tokenizer->ignored++;
		return;
	}
	tokenizer->attributes[tokenizer->attribute_count++] =
	    (struct xml_attribute){{bytes, name_len}, {bytes + name_len, len - name_len}};
	tokenizer->values_len += len;
}

static bool in_attribute(struct xml_tokenizer *tokenizer, char c)
{
	if (is_space(c) || c == '=') {
		tokenizer->state = XML_BEFORE_EQUALS;
		return false;
	}
	if (c == '>' || c == '<' || c == '/') {
		tokenizer->state = XML_BETWEEN_ATTRIBUTES;
		return false;
	}
	add_to_attribute(tokenizer, continues_name(c) ? c : '_');
	return true;
}

static bool before_equals(struct xml_tokenizer *tokenizer, char c)
{
	if (is_space(c))
		return true;
	tokenizer->state = c == '=' ? XML_BEFORE_VALUE : XML_BETWEEN_ATTRIBUTES;
	tokenizer->attribute_name_len = tokenizer->attribute_len;
	return c == '=';
}

static bool before_value(struct xml_tokenizer *tokenizer, char c)
{
	if (is_space(c))
		return true;
	bool quoted = c == '"' || c == '\'';
	tokenizer->quote = '\0';
	if (quoted)
		tokenizer->quote = c;
	tokenizer->state = c == '>' || c == '<' ? XML_BETWEEN_ATTRIBUTES : XML_IN_VALUE;
	return quoted;
}

static bool in_value(struct xml_tokenizer *tokenizer, char c)
{
	if (c == '<') {
		tokenizer->state = XML_BETWEEN_ATTRIBUTES;
		return false;
	}
	if (tokenizer->quote ? c == tokenizer->quote : is_space(c) || c == '>') {
		close_attribute(tokenizer);
		return tokenizer->quote != '\0';
	}
	add_to_attribute(tokenizer, c);
	return true;
}

static bool refused(struct xml_tokenizer *tokenizer, char c)
{
	(void)tokenizer, (void)c;
	return true;
}

void xml_tokenizer_init(struct xml_tokenizer *tokenizer, const struct xml_sink *sink, void *context)
{
	*tokenizer = (struct xml_tokenizer){.sink = sink, .context = context};
}

int xml_tokenizer_feed(struct xml_tokenizer *tokenizer, struct slice bytes)
{
	static bool (*const STATES[])(struct xml_tokenizer *, char) = {
	    [XML_IN_TEXT] = in_text,
	    [XML_AFTER_LESS_THAN] = after_less_than,
	    [XML_IN_REFERENCE] = in_reference,
	    [XML_IN_COMMENT] = in_comment,
	    [XML_IN_INSTRUCTION] = in_instruction,
	    [XML_IN_CDATA] = in_cdata,
	    [XML_IN_NAME] = in_name,
	    [XML_BETWEEN_ATTRIBUTES] = between_attributes,
	    [XML_IN_ATTRIBUTE] = in_attribute,
	    [XML_BEFORE_EQUALS] = before_equals,
	    [XML_BEFORE_VALUE] = before_value,
	    [XML_IN_VALUE] = in_value,
	    [XML_REFUSED] = refused,
	};

	for (size_t i = 0; i < bytes.len && tokenizer->state != XML_REFUSED; i++)
		while (!STATES[tokenizer->state](tokenizer, bytes.bytes[i]))
			;
	return tokenizer->state == XML_REFUSED ? -EPERM : 0;
}

void xml_tokenizer_finish(struct xml_tokenizer *tokenizer)
{
	bool in_tag = tokenizer->state >= XML_IN_NAME && tokenizer->state <= XML_IN_VALUE;

	if (in_tag && tokenizer->closing)
		end_tag(tokenizer);
	flush(tokenizer);
}

struct slice xml_prefix(struct slice name, struct slice *local)
{
	size_t colon = slice_find(name, ':');
	bool has_prefix = colon > 0 && colon + 1 < name.len;

	*local = has_prefix ? slice_skip(name, colon + 1) : name;
	return slice_head(name, has_prefix ? colon : 0);
}
