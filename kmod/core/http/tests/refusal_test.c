// SPDX-License-Identifier: GPL-2.0-only
/* What is refused, and what for: each row whole, and byte by byte. */
#include <stdlib.h>

#include "../limits.h"
#include "../parser.h"
#include "tests.h"

struct refusal_row {
	const char *name;
	const char *data;
	size_t length;
	bool response;
	u8 asked;
	enum hbk_http_refusal refusal;
};

#define IN(name, data, refusal)		{ name, data, sizeof(data) - 1, false, 0, HBK_HTTP_##refusal }
#define OUT(name, data, refusal)	{ name, data, sizeof(data) - 1, true, 0, HBK_HTTP_##refusal }
#define OUT_TO(name, asked, data, refusal) \
	{ name, data, sizeof(data) - 1, true, HBK_HTTP_ASKED_##asked, HBK_HTTP_##refusal }

#define GET		"GET / HTTP/1.1\r\n"
#define HOST		"Host: a\r\n"
#define FIELD(field)	GET HOST field "\r\n\r\n"
#define POST(fields)	"POST / HTTP/1.1\r\n" HOST fields "\r\n"
#define CHUNKED(body)	POST("Transfer-Encoding: chunked\r\n") body
#define OK(fields)	"HTTP/1.1 200 OK\r\n" fields "\r\n"
#define OK_CHUNKED(body) OK("Transfer-Encoding: chunked\r\n") body
#define TARGET(target)	"GET " target " HTTP/1.1\r\n" HOST "\r\n"

static const struct refusal_row rows[] = {
	/* The first line of a request */
	IN("no method", " / HTTP/1.1\r\n" HOST "\r\n", START),
	IN("a tab before the method", "\tGET / HTTP/1.1\r\n" HOST "\r\n", START),
	IN("an empty first line twice", "\r\n\r\nGET / HTTP/1.1\r\n", START),
	IN("no target", "GET HTTP/1.1\r\n" HOST "\r\n", START),
	IN("no version", "GET /\r\n" HOST "\r\n", START),
	IN("HTTP/0.9", "GET /\r\n\r\n", START),
	IN("a method only", "GET\r\n\r\n", START),
	IN("two spaces before the target", "GET  / HTTP/1.1\r\n" HOST "\r\n", START),
	IN("two spaces before the version", "GET /  HTTP/1.1\r\n" HOST "\r\n", START),
	IN("a space behind the version", "GET / HTTP/1.1 \r\n" HOST "\r\n", START),
	IN("a space in the target", "GET /a b HTTP/1.1\r\n" HOST "\r\n", START),
	IN("tabs for spaces", "GET\t/\tHTTP/1.1\r\n" HOST "\r\n", START),
	IN("a tab before the target", "GET \t/ HTTP/1.1\r\n" HOST "\r\n", TARGET),
	IN("a tab in the method", "GE\tT / HTTP/1.1\r\n" HOST "\r\n", METHOD),
	IN("a colon in the method", "GET: / HTTP/1.1\r\n" HOST "\r\n", METHOD),
	IN("a bracket in the method", "G(T / HTTP/1.1\r\n" HOST "\r\n", METHOD),
	IN("a slash in the method", "GE/T / HTTP/1.1\r\n" HOST "\r\n", METHOD),
	IN("a byte past ASCII in the method", "G\xc3\x89T / HTTP/1.1\r\n" HOST "\r\n", METHOD),
	IN("quotes in the method", "\"GET\" / HTTP/1.1\r\n" HOST "\r\n", METHOD),
	IN("a NUL in the method", "G\0T / HTTP/1.1\r\n" HOST "\r\n", CONTROL),
	IN("a bell in the method", "G\aT / HTTP/1.1\r\n" HOST "\r\n", CONTROL),
	IN("DEL in the method", "G\x7fT / HTTP/1.1\r\n" HOST "\r\n", CONTROL),
	IN("a TLS record", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", CONTROL),
	IN("an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n\r\n", START),
	IN("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", VERSION),
	IN("HTTP/2.0", "GET / HTTP/2.0\r\n" HOST "\r\n", VERSION),
	IN("HTTP/3.0", "GET / HTTP/3.0\r\n" HOST "\r\n", VERSION),
	IN("HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", VERSION),
	IN("HTTP/1.9", "GET / HTTP/1.9\r\n" HOST "\r\n", VERSION),
	IN("HTTP/0.9 written out", "GET / HTTP/0.9\r\n" HOST "\r\n", VERSION),
	IN("HTTP/1.10", "GET / HTTP/1.10\r\n" HOST "\r\n", START),
	IN("HTTP/11", "GET / HTTP/11\r\n" HOST "\r\n", START),
	IN("HTTP/1", "GET / HTTP/1\r\n" HOST "\r\n", START),
	IN("HTTP/1,1", "GET / HTTP/1,1\r\n" HOST "\r\n", START),
	IN("http/1.1", "GET / http/1.1\r\n" HOST "\r\n", START),
	IN("HTTPS/1.1", "GET / HTTPS/1.1\r\n" HOST "\r\n", START),
	IN("HTTP/+1.1", "GET / HTTP/+1.1\r\n" HOST "\r\n", START),
	IN("HTTP/1.x", "GET / HTTP/1.x\r\n" HOST "\r\n", START),
	IN("HTTP/x.1", "GET / HTTP/x.1\r\n" HOST "\r\n", START),
	IN("a status line", "HTTP/1.1 200 OK\r\n\r\n", START),

	/* Targets */
	IN("a relative target", TARGET("index.html"), TARGET),
	IN("an empty target's worth of query", TARGET("?a"), TARGET),
	IN("a fragment", TARGET("/a#b"), TARGET),
	IN("a fragment only", TARGET("#b"), TARGET),
	IN("a byte past ASCII", TARGET("/\xc3\xa9"), TARGET),
	IN("a NUL", TARGET("/a\0b"), CONTROL),
	IN("DEL", TARGET("/a\x7f"), CONTROL),
	IN("an asterisk with GET", TARGET("*"), TARGET),
	IN("an asterisk and more", "OPTIONS *a HTTP/1.1\r\n" HOST "\r\n", TARGET),
	IN("another scheme", TARGET("ftp://a/"), TARGET),
	IN("a scheme without slashes", TARGET("http:a"), TARGET),
	IN("a scheme without a host", TARGET("http:///b"), TARGET),
	IN("a scheme only", TARGET("http://"), TARGET),
	IN("an absolute target with a query and no path", TARGET("http://a?b"), HOST),
	IN("an absolute target with a user", TARGET("http://u@a/"), HOST),
	IN("an absolute target that contradicts Host", TARGET("http://b/"), HOST),
	IN("an absolute target with another port", TARGET("http://a:81/"), HOST),
	IN("CONNECT without a port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", TARGET),
	IN("CONNECT with a path", "CONNECT a:1/b HTTP/1.1\r\nHost: a:1\r\n\r\n", HOST),
	IN("CONNECT with a slash", "CONNECT / HTTP/1.1\r\nHost: a:1\r\n\r\n", TARGET),
	IN("CONNECT that contradicts Host", "CONNECT a:1 HTTP/1.1\r\nHost: b:1\r\n\r\n", HOST),
	IN("connect in small letters", "connect a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", TARGET),
	IN("CONNECT with a body", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\n", BODY),
	IN("CONNECT with chunks", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n\r\n", BODY),

	/* Ends of lines, folding, control characters */
	IN("a bare LF behind the first line", "GET / HTTP/1.1\nHost: a\r\n\r\n", BARE_LF),
	IN("a bare LF behind a field", GET "Host: a\n\r\n", BARE_LF),
	IN("a bare LF as the empty line", GET HOST "\n", BARE_LF),
	IN("bare LFs only", "GET / HTTP/1.1\nHost: a\n\n", BARE_LF),
	IN("a bare LF first", "\nGET / HTTP/1.1\r\n", BARE_LF),
	IN("a bare CR behind the first line", "GET / HTTP/1.1\rHost: a\r\n\r\n", BARE_CR),
	IN("a bare CR in a value", FIELD("A: b\rc"), BARE_CR),
	IN("a bare CR in a name", FIELD("A\rB: c"), BARE_CR),
	IN("two CRs", GET HOST "\r\r\n\r\n", BARE_CR),
	IN("CR CR LF behind a field", GET "Host: a\r\r\n\r\n", BARE_CR),
	IN("a CR before a hidden field", FIELD("A: b\rTransfer-Encoding: chunked"), BARE_CR),
	IN("a field folded by a space", FIELD("A: b\r\n c"), FOLDING),
	IN("a field folded by a tab", FIELD("A: b\r\n\tc"), FOLDING),
	IN("a folded coding", POST("Transfer-Encoding:\r\n chunked\r\n"), FOLDING),
	IN("a folded length", POST("Content-Length:\r\n 5\r\n"), FOLDING),
	IN("a first field with a space before", GET " Host: a\r\n\r\n", FOLDING),
	IN("a line of a space", GET HOST " \r\n\r\n", FOLDING),
	IN("a line of a tab", GET HOST "\t\r\n\r\n", FOLDING),
	IN("a NUL in a value", FIELD("A: b\0c"), CONTROL),
	IN("a NUL in a name", FIELD("A\0: b"), CONTROL),
	IN("a NUL behind a coding", POST("Transfer-Encoding: chunked\0\r\n"), CONTROL),
	IN("an escape in a value", FIELD("A: \x1b[2J"), CONTROL),
	IN("a backspace in a value", FIELD("A: b\b"), CONTROL),
	IN("a vertical tab in a value", FIELD("A: b\vc"), CONTROL),
	IN("a form feed in a value", FIELD("A: b\fc"), CONTROL),
	IN("DEL in a value", FIELD("A: b\x7f"), CONTROL),
	IN("a vertical tab before a coding", POST("Transfer-Encoding: \vchunked\r\n"), CONTROL),

	/* Names of fields */
	IN("no colon", FIELD("A"), FIELD),
	IN("no name", FIELD(": b"), FIELD),
	IN("a space before the colon", FIELD("A : b"), FIELD),
	IN("a tab before the colon", FIELD("A\t: b"), FIELD),
	IN("a space in the name", FIELD("A B: c"), FIELD),
	IN("a space before the colon of a length", POST("Content-Length : 5\r\n"), FIELD),
	IN("a space before the colon of a coding", POST("Transfer-Encoding : chunked\r\n"), FIELD),
	IN("a tab before the colon of Host", GET "Host\t: a\r\n\r\n", FIELD),
	IN("a byte past ASCII in a name", FIELD("\xc3\xa9: b"), FIELD),
	IN("a bracket in a name", FIELD("A(: b"), FIELD),
	IN("a comma in a name", FIELD("A,B: c"), FIELD),
	IN("a slash in a name", FIELD("A/B: c"), FIELD),
	IN("an at sign in a name", FIELD("A@: b"), FIELD),
	IN("a square bracket in a name", FIELD("A[0]: b"), FIELD),
	IN("a brace in a name", FIELD("{A}: b"), FIELD),
	IN("an equals sign in a name", FIELD("A=B: c"), FIELD),
	IN("a question mark in a name", FIELD("A?: c"), FIELD),
	IN("quotes in a name", FIELD("\"A\": c"), FIELD),
	IN("a backslash in a name", FIELD("A\\B: c"), FIELD),
	IN("a semicolon in a name", FIELD("A;B: c"), FIELD),
	IN("a pseudo header", FIELD(":path: /b"), FIELD),
	IN("a pseudo header first", GET ":authority: b\r\n" HOST "\r\n", FIELD),

	/* Host */
	IN("no Host", GET "\r\n", HOST),
	IN("no Host among other fields", GET "A: b\r\n\r\n", HOST),
	IN("two Hosts", GET HOST "Host: b\r\n\r\n", HOST),
	IN("twice the same Host", GET HOST HOST "\r\n", HOST),
	IN("two Hosts in different case", GET HOST "HOST: a\r\n\r\n", HOST),
	IN("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\n" HOST HOST "\r\n", HOST),
	IN("a list of Hosts", GET "Host: a, b\r\n\r\n", HOST),
	IN("a list of Hosts without a space", GET "Host: a,b\r\n\r\n", HOST),
	IN("a space in Host", GET "Host: a b\r\n\r\n", HOST),
	IN("a path in Host", GET "Host: a/b\r\n\r\n", HOST),
	IN("a user in Host", GET "Host: u@a\r\n\r\n", HOST),
	IN("a query in Host", GET "Host: a?b\r\n\r\n", HOST),
	IN("a fragment in Host", GET "Host: a#b\r\n\r\n", HOST),
	IN("a backslash in Host", GET "Host: a\\b\r\n\r\n", HOST),
	IN("a scheme in Host", GET "Host: http://a\r\n\r\n", HOST),
	IN("a byte past ASCII in Host", GET "Host: \xc3\xa9\r\n\r\n", HOST),
	IN("a tab in Host", GET "Host: a\tb\r\n\r\n", HOST),

	/* Two lengths, length and coding */
	IN("two lengths", POST("Content-Length: 5\r\nContent-Length: 6\r\n"), LENGTHS),
	IN("twice the same length", POST("Content-Length: 5\r\nContent-Length: 5\r\n"), LENGTHS),
	IN("two lengths in different case", POST("Content-Length: 5\r\ncontent-length: 6\r\n"), LENGTHS),
	IN("twice no length", POST("Content-Length:\r\nContent-Length:\r\n"), LENGTHS),
	IN("a list of lengths", POST("Content-Length: 5, 6\r\n"), LENGTH),
	IN("a list of the same length", POST("Content-Length: 5, 5\r\n"), LENGTH),
	IN("a length and a coding", POST("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), LENGTH_AND_CODING),
	IN("a coding and a length", POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), LENGTH_AND_CODING),
	IN("a length of zero and a coding", POST("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), LENGTH_AND_CODING),
	IN("a length and another coding", POST("Content-Length: 5\r\nTransfer-Encoding: identity\r\n"), LENGTH_AND_CODING),
	IN("an empty length", POST("Content-Length:\r\n"), LENGTH),
	IN("a length of a space", POST("Content-Length:  \r\n"), LENGTH),
	IN("a negative length", POST("Content-Length: -1\r\n"), LENGTH),
	IN("a length with a plus", POST("Content-Length: +5\r\n"), LENGTH),
	IN("a hexadecimal length", POST("Content-Length: 0x5\r\n"), LENGTH),
	IN("a length in letters", POST("Content-Length: five\r\n"), LENGTH),
	IN("a length with a letter", POST("Content-Length: 5a\r\n"), LENGTH),
	IN("a length with a point", POST("Content-Length: 5.0\r\n"), LENGTH),
	IN("a length with an exponent", POST("Content-Length: 1e3\r\n"), LENGTH),
	IN("a length with a space", POST("Content-Length: 5 5\r\n"), LENGTH),
	IN("a length with a tab", POST("Content-Length: 5\t5\r\n"), LENGTH),
	IN("a length with an underscore", POST("Content-Length: 1_000\r\n"), LENGTH),
	IN("a length with a semicolon", POST("Content-Length: 5;\r\n"), LENGTH),
	IN("a length in quotes", POST("Content-Length: \"5\"\r\n"), LENGTH),
	IN("a length of 19 digits", POST("Content-Length: 1000000000000000000\r\n"), LENGTH),
	IN("a length past 64 bits", POST("Content-Length: 18446744073709551616\r\n"), LENGTH),
	IN("a length that comes back to five", POST("Content-Length: 18446744073709551621\r\n"), LENGTH),
	IN("digits of another script", POST("Content-Length: \xd9\xa5\r\n"), LENGTH),

	/* Codings */
	IN("two codings", POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), CODING),
	IN("twice chunked", POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), CODING),
	IN("a list of twice chunked", POST("Transfer-Encoding: chunked, chunked\r\n"), CODING),
	IN("identity", POST("Transfer-Encoding: identity\r\n"), CODING),
	IN("gzip", POST("Transfer-Encoding: gzip\r\n"), CODING),
	IN("gzip, chunked", POST("Transfer-Encoding: gzip, chunked\r\n"), CODING),
	IN("chunked, identity", POST("Transfer-Encoding: chunked, identity\r\n"), CODING),
	IN("chunked in quotes", POST("Transfer-Encoding: \"chunked\"\r\n"), CODING),
	IN("xchunked", POST("Transfer-Encoding: xchunked\r\n"), CODING),
	IN("chunkedx", POST("Transfer-Encoding: chunkedx\r\n"), CODING),
	IN("chunked with a parameter", POST("Transfer-Encoding: chunked;a=b\r\n"), CODING),
	IN("chunked with a comma", POST("Transfer-Encoding: chunked,\r\n"), CODING),
	IN("a comma before chunked", POST("Transfer-Encoding: ,chunked\r\n"), CODING),
	IN("an empty coding", POST("Transfer-Encoding:\r\n"), CODING),
	IN("chunk", POST("Transfer-Encoding: chunk\r\n"), CODING),
	IN("chunked with a NUL's worth of bytes", POST("Transfer-Encoding: chunked\xa0\r\n"), CODING),
	IN("a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", CODING_OLD),
	IN("identity in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: identity\r\n\r\n", CODING_OLD),

	/* Chunks */
	IN("an empty size", CHUNKED("\r\n"), CHUNK_SIZE),
	IN("a size of no digit", CHUNKED("g\r\n"), CHUNK_SIZE),
	IN("a negative size", CHUNKED("-1\r\n"), CHUNK_SIZE),
	IN("a size with a plus", CHUNKED("+1\r\n"), CHUNK_SIZE),
	IN("a size with 0x", CHUNKED("0x5\r\n"), CHUNK_SIZE),
	IN("a space before the size", CHUNKED(" 5\r\nhello\r\n"), CHUNK_SIZE),
	IN("a space behind the size", CHUNKED("5 \r\nhello\r\n"), CHUNK_SIZE),
	IN("a tab behind the size", CHUNKED("5\t\r\nhello\r\n"), CHUNK_SIZE),
	IN("a space before an extension", CHUNKED("5 ;a\r\nhello\r\n"), CHUNK_SIZE),
	IN("an extension without a size", CHUNKED(";a\r\n"), CHUNK_SIZE),
	IN("a size with a comma", CHUNKED("5,5\r\n"), CHUNK_SIZE),
	IN("a size of 16 digits", CHUNKED("0000000000000005\r\n"), CHUNK_SIZE),
	IN("a size past 64 bits", CHUNKED("10000000000000005\r\n"), CHUNK_SIZE),
	IN("a size of all bits", CHUNKED("ffffffffffffffff\r\n"), CHUNK_SIZE),
	IN("a NUL in the size", CHUNKED("5\0\r\n"), CHUNK_SIZE),
	IN("a bare LF behind the size", CHUNKED("5\nhello\r\n"), BARE_LF),
	IN("a bare CR behind the size", CHUNKED("5\rhello\r\n"), BARE_CR),
	IN("two CRs behind the size", CHUNKED("5\r\r\nhello\r\n"), BARE_CR),
	IN("a bare LF in an extension", CHUNKED("5;a\nhello\r\n"), BARE_LF),
	IN("a bare CR in an extension", CHUNKED("5;a\rb\r\nhello\r\n"), BARE_CR),
	IN("a NUL in an extension", CHUNKED("5;a\0\r\nhello\r\n"), CONTROL),
	IN("an escape in an extension", CHUNKED("5;\x1b\r\nhello\r\n"), CONTROL),
	IN("a chunk longer than its size", CHUNKED("5\r\nhello!\r\n"), CHUNK_END),
	IN("a chunk shorter than its size", CHUNKED("5\r\nhell\r\n0\r\n\r\n"), CHUNK_END),
	IN("a chunk without its end", CHUNKED("5\r\nhello0\r\n\r\n"), CHUNK_END),
	IN("a chunk that ends in a bare LF", CHUNKED("5\r\nhello\n0\r\n\r\n"), CHUNK_END),
	IN("a chunk that ends in a bare CR", CHUNKED("5\r\nhello\r0\r\n\r\n"), CHUNK_END),
	IN("a chunk that ends in two CRs", CHUNKED("5\r\nhello\r\r\n"), CHUNK_END),
	IN("a chunk that ends in LF CR", CHUNKED("5\r\nhello\n\r"), CHUNK_END),
	IN("a bare LF behind the last chunk", CHUNKED("0\n\r\n"), BARE_LF),
	IN("a bare LF as the last line", CHUNKED("0\r\n\n"), BARE_LF),
	IN("a bare CR as the last line", CHUNKED("0\r\n\rX"), BARE_CR),

	/* Trailers */
	IN("a length as trailer", CHUNKED("0\r\nContent-Length: 5\r\n\r\n"), TRAILER),
	IN("a coding as trailer", CHUNKED("0\r\nTransfer-Encoding: chunked\r\n\r\n"), TRAILER),
	IN("Host as trailer", CHUNKED("0\r\nHost: b\r\n\r\n"), TRAILER),
	IN("Trailer as trailer", CHUNKED("0\r\nTrailer: b\r\n\r\n"), TRAILER),
	IN("Authorization as trailer", CHUNKED("0\r\nauthorization: b\r\n\r\n"), TRAILER),
	IN("Connection as trailer", CHUNKED("0\r\nA: b\r\nConnection: close\r\n\r\n"), TRAILER),
	IN("a trailer without a colon", CHUNKED("0\r\nA\r\n\r\n"), FIELD),
	IN("a trailer without a name", CHUNKED("0\r\n: a\r\n\r\n"), FIELD),
	IN("a pseudo header as trailer", CHUNKED("0\r\n:path: /\r\n\r\n"), FIELD),
	IN("a folded trailer", CHUNKED("0\r\nA: b\r\n c\r\n\r\n"), FOLDING),
	IN("a space before the first trailer", CHUNKED("0\r\n A: b\r\n\r\n"), FOLDING),
	IN("a bare LF behind a trailer", CHUNKED("0\r\nA: b\n\r\n"), BARE_LF),
	IN("a NUL in a trailer", CHUNKED("0\r\nA: \0\r\n\r\n"), CONTROL),
	IN("another request for trailers", CHUNKED("0\r\nGET / HTTP/1.1\r\n\r\n"), FIELD),

	/* The first line of a response */
	OUT("no status", "HTTP/1.1\r\n\r\n", START),
	OUT("no status behind a space", "HTTP/1.1 \r\n\r\n", STATUS),
	OUT("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", STATUS),
	OUT("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", STATUS),
	OUT("a status of letters", "HTTP/1.1 abc OK\r\n\r\n", STATUS),
	OUT("a status with a plus", "HTTP/1.1 +20 OK\r\n\r\n", STATUS),
	OUT("a negative status", "HTTP/1.1 -20 OK\r\n\r\n", STATUS),
	OUT("a status below 100", "HTTP/1.1 099 OK\r\n\r\n", STATUS),
	OUT("no space behind the status", "HTTP/1.1 200\r\n\r\n", STATUS),
	OUT("two spaces before the status", "HTTP/1.1  200 OK\r\n\r\n", STATUS),
	OUT("a tab before the status", "HTTP/1.1\t200 OK\r\n\r\n", START),
	OUT("HTTP/2 200", "HTTP/2 200 OK\r\n\r\n", START),
	OUT("HTTP/2.0 of a response", "HTTP/2.0 200 OK\r\n\r\n", VERSION),
	OUT("HTTP/1.2 of a response", "HTTP/1.2 200 OK\r\n\r\n", VERSION),
	OUT("HTTP/0.9 of a response", "HTTP/0.9 200 OK\r\n\r\n", VERSION),
	OUT("ICY", "ICY 200 OK\r\n\r\n", START),
	OUT("a page without a head", "<html>\r\n\r\n", START),
	OUT("a request for a response", "GET / HTTP/1.1\r\n\r\n", START),
	OUT("an empty line before a response", "\r\nHTTP/1.1 200 OK\r\n\r\n", START),
	OUT("a space before a response", " HTTP/1.1 200 OK\r\n\r\n", START),
	OUT("a bare LF behind the reason", "HTTP/1.1 200 OK\n\r\n", BARE_LF),
	OUT("a NUL in the reason", "HTTP/1.1 200 O\0K\r\n\r\n", CONTROL),
	OUT("a bare CR in the reason", "HTTP/1.1 200 O\rK\r\n\r\n", BARE_CR),

	/* Fields of a response */
	OUT("a folded field of a response", OK("A: b\r\n c\r\n"), FOLDING),
	OUT("a bare LF in a response", "HTTP/1.1 200 OK\r\nA: b\n\r\n", BARE_LF),
	OUT("a response's field without a colon", OK("A\r\n"), FIELD),
	OUT("a response's space before the colon", OK("A : b\r\n"), FIELD),
	OUT("a response's NUL", OK("A: \0\r\n"), CONTROL),
	OUT("two lengths of a response", OK("Content-Length: 5\r\nContent-Length: 6\r\n"), LENGTHS),
	OUT("twice the same length of a response", OK("Content-Length: 5\r\nContent-Length: 5\r\n"), LENGTHS),
	OUT("a list of lengths of a response", OK("Content-Length: 5, 6\r\n"), LENGTH),
	OUT("a negative length of a response", OK("Content-Length: -5\r\n"), LENGTH),
	OUT("a length and a coding of a response", OK("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
	    LENGTH_AND_CODING),
	OUT("gzip of a response", OK("Transfer-Encoding: gzip\r\n"), CODING),
	OUT("gzip, chunked of a response", OK("Transfer-Encoding: gzip, chunked\r\n"), CODING),
	OUT("chunked, gzip of a response", OK("Transfer-Encoding: chunked, gzip\r\n"), CODING),
	OUT("a coding of a response in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", CODING_OLD),
	OUT("204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", BODY),
	OUT("204 with chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", BODY),
	OUT("100 with a length", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n", BODY),
	OUT("103 with chunks", "HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n", BODY),
	OUT("304 with two lengths", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", LENGTHS),
	OUT_TO("HEAD's answer with two lengths", HEAD, OK("Content-Length: 5\r\nContent-Length: 6\r\n"), LENGTHS),
	OUT("an upgrade that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n", UPGRADE),
	OUT_TO("an upgrade with a length", UPGRADE, "HTTP/1.1 101 Switching Protocols\r\nContent-Length: 5\r\n\r\n", BODY),
	OUT_TO("a tunnel with a length", CONNECT, OK("Content-Length: 5\r\n"), BODY),
	OUT_TO("a tunnel with chunks", CONNECT, OK("Transfer-Encoding: chunked\r\n"), BODY),
	OUT("a response's empty size", OK_CHUNKED("\r\n"), CHUNK_SIZE),
	OUT("a response's chunk longer than its size", OK_CHUNKED("5\r\nhello!\r\n"), CHUNK_END),
	OUT("a response's bare LF behind the size", OK_CHUNKED("5\nhello\r\n"), BARE_LF),
	OUT("a response's size of all bits", OK_CHUNKED("ffffffffffffffff\r\n"), CHUNK_SIZE),
	OUT("a length as trailer of a response", OK_CHUNKED("0\r\nContent-Length: 5\r\n\r\n"), TRAILER),
	OUT("a response's folded trailer", OK_CHUNKED("0\r\nA: b\r\n c\r\n\r\n"), FOLDING),
};

/* What is cut off: the end comes where more should. */
static const struct refusal_row cut_rows[] = {
	IN("cut within the method", "GE", TRUNCATED),
	IN("cut within the head", GET HOST, TRUNCATED),
	IN("cut before the last LF", GET HOST "\r", TRUNCATED),
	IN("cut before the body", POST("Content-Length: 5\r\n"), TRUNCATED),
	IN("cut within the body", POST("Content-Length: 5\r\n") "hell", TRUNCATED),
	IN("cut before a chunk", CHUNKED(""), TRUNCATED),
	IN("cut within a size", CHUNKED("1"), TRUNCATED),
	IN("cut behind a size", CHUNKED("5\r\n"), TRUNCATED),
	IN("cut within a chunk", CHUNKED("5\r\nhell"), TRUNCATED),
	IN("cut behind a chunk", CHUNKED("5\r\nhello"), TRUNCATED),
	IN("cut before the last chunk", CHUNKED("5\r\nhello\r\n"), TRUNCATED),
	IN("cut within the last chunk", CHUNKED("0\r\n"), TRUNCATED),
	IN("cut within a trailer", CHUNKED("0\r\nA: b"), TRUNCATED),
	IN("cut behind a trailer", CHUNKED("0\r\nA: b\r\n"), TRUNCATED),
	OUT("a response cut within its head", "HTTP/1.1 200 OK\r\nA", TRUNCATED),
	OUT("a response cut within its body", OK("Content-Length: 5\r\n") "hell", TRUNCATED),
	OUT("a response cut within a chunk", OK_CHUNKED("5\r\nhell"), TRUNCATED),
	OUT("a response cut before its last chunk", OK_CHUNKED("5\r\nhello\r\n"), TRUNCATED),
};

/* Heads that are too much in one way: so many times the same. */
struct bomb_row {
	const char *name;
	const char *before;
	const char *repeated;
	size_t times;
	const char *after;
	bool response;
	enum hbk_http_refusal refusal;
};

static const struct bomb_row bombs[] = {
	{ "a method without an end", "", "A", 100000, "", false, HBK_HTTP_TARGET_LONG },
	{ "a target of 16 KiB", "GET /", "a", HBK_HTTP_LINE_MAX, " HTTP/1.1\r\nHost: a\r\n\r\n", false,
	  HBK_HTTP_TARGET_LONG },
	{ "a reason without an end", "HTTP/1.1 200 ", "A", 100000, "", true, HBK_HTTP_START },
	{ "a value of 64 KiB", GET HOST "A: ", "b", HBK_HTTP_HEAD_MAX, "\r\n\r\n", false, HBK_HTTP_HEAD_LONG },
	{ "a name of 64 KiB", GET HOST, "b", HBK_HTTP_HEAD_MAX, ": c\r\n\r\n", false, HBK_HTTP_HEAD_LONG },
	{ "256 fields and Host", GET HOST, "A: b\r\n", HBK_HTTP_FIELDS_MAX, "\r\n", false, HBK_HTTP_FIELDS_MANY },
	{ "fields without an end", GET HOST, "A: b\r\n", 10000, "", false, HBK_HTTP_FIELDS_MANY },
	{ "257 fields of a response", "HTTP/1.1 200 OK\r\n", "A: b\r\n", HBK_HTTP_FIELDS_MAX + 1, "\r\n", true,
	  HBK_HTTP_FIELDS_MANY },
	{ "an extension without an end", CHUNKED("5;"), "a", 1000, "", false, HBK_HTTP_CHUNK_LONG },
	{ "zeros before a size", CHUNKED(""), "0", 1000, "", false, HBK_HTTP_CHUNK_SIZE },
	{ "a trailer of 16 KiB", CHUNKED("0\r\nA: "), "b", HBK_HTTP_TRAILERS_MAX, "", false, HBK_HTTP_TRAILERS_LONG },
	{ "trailers without an end", CHUNKED("0\r\n"), "A: b\r\n", 10000, "", false, HBK_HTTP_FIELDS_MANY },
	{ "256 trailers", CHUNKED("0\r\n"), "A: b\r\n", HBK_HTTP_FIELDS_MAX, "\r\n", false, HBK_HTTP_FINE },
	{ "257 trailers", CHUNKED("0\r\n"), "A: b\r\n", HBK_HTTP_FIELDS_MAX + 1, "\r\n", false, HBK_HTTP_FIELDS_MANY },
	{ "many empty lines", "", "\r\n", 1000, "", false, HBK_HTTP_START },
};

static enum hbk_http_refusal feed(struct hbk_http_parser *parser, const u8 *data, size_t length)
{
	enum hbk_http_event event;
	size_t used;

	do {
		event = hbk_http_parse(parser, data, length, &used);
		assert_true(used <= length);
		data += used;
		length -= used;
	} while (event != HBK_HTTP_MORE && event != HBK_HTTP_REFUSED && event != HBK_HTTP_RAW);
	return parser->refusal;
}

/* Feeds all of it in pieces, each at its own length on the heap, so that a read past its end is seen. */
static enum hbk_http_refusal feed_pieces(struct hbk_http_parser *parser, const char *data, size_t length, size_t size)
{
	enum hbk_http_refusal refusal = HBK_HTTP_FINE;
	size_t piece;
	u8 *copy;

	for (; length && !refusal; data += piece, length -= piece) {
		piece = length < size ? length : size;
		copy = malloc(piece);
		memcpy(copy, data, piece);
		refusal = feed(parser, copy, piece);
		free(copy);
	}
	return refusal;
}

static void check(const struct refusal_row *row, size_t size, bool cut)
{
	struct hbk_http_parser parser;
	struct test_heap heap;

	test_heap_init(&heap);
	hbk_http_parser_init(&parser, &heap.heap, row->response);
	parser.asked = row->asked;
	if (cut) {
		assert_int_equal(feed_pieces(&parser, row->data, row->length, size), HBK_HTTP_FINE);
		assert_int_equal(hbk_http_parse_end(&parser), HBK_HTTP_REFUSED);
		assert_int_equal(parser.refusal, row->refusal);
	} else {
		assert_string_equal(hbk_http_refusal_text(feed_pieces(&parser, row->data, row->length, size)),
				    hbk_http_refusal_text(row->refusal));
	}
	/* Who has refused goes on refusing. */
	assert_int_equal(feed(&parser, (const u8 *)"GET / HTTP/1.1\r\n\r\n", 18), row->refusal);
	hbk_http_parser_release(&parser);
	assert_int_equal(heap.taken, 0);
}

static void refused(void **state)
{
	check(*state, SIZE_MAX, false);
	check(*state, 1, false);
	check(*state, 7, false);
}

static void refused_cut(void **state)
{
	check(*state, SIZE_MAX, true);
	check(*state, 1, true);
}

static void refused_bomb(void **state)
{
	const struct bomb_row *bomb = *state;
	size_t before = strlen(bomb->before), repeated = strlen(bomb->repeated), after = strlen(bomb->after), i;
	size_t length = before + repeated * bomb->times + after;
	char *data = malloc(length + 1);
	struct refusal_row row = { bomb->name, data, length, bomb->response, 0, bomb->refusal };

	memcpy(data, bomb->before, before);
	for (i = 0; i < bomb->times; i++)
		memcpy(data + before + i * repeated, bomb->repeated, repeated);
	memcpy(data + before + repeated * bomb->times, bomb->after, after);
	check(&row, SIZE_MAX, false);
	check(&row, 1000, false);
	free(data);
}

void add_refusal_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(rows); i++)
		tests_add(tests, rows[i].name, refused, &rows[i]);
	for (i = 0; i < ROWS(cut_rows); i++)
		tests_add(tests, cut_rows[i].name, refused_cut, &cut_rows[i]);
	for (i = 0; i < ROWS(bombs); i++)
		tests_add(tests, bombs[i].name, refused_bomb, &bombs[i]);
}
