// SPDX-License-Identifier: Apache-2.0
//! http-authz - lets requests through by the peer's SPIFFE id, the method and the path
//!
//! The first rule that fits decides; without one `default` does. Written against the ABI with an extern block and nothing
//! else, for the Rust that Debian has.

use std::alloc::{alloc, Layout};

mod host {
    extern "C" {
        pub fn proxy_log(level: u32, message: *const u8, size: usize) -> u32;
        pub fn proxy_get_buffer_bytes(buffer: u32, start: usize, max: usize, data: *mut *mut u8, size: *mut usize) -> u32;
        pub fn proxy_get_header_map_value(
            map: u32,
            key: *const u8,
            key_size: usize,
            value: *mut *mut u8,
            size: *mut usize,
        ) -> u32;
        pub fn proxy_get_property(path: *const u8, path_size: usize, value: *mut *mut u8, size: *mut usize) -> u32;
        #[allow(clippy::too_many_arguments)]
        pub fn proxy_send_local_response(
            code: u32,
            details: *const u8,
            details_size: usize,
            body: *const u8,
            body_size: usize,
            headers: *const u8,
            headers_size: usize,
            grpc_status: i32,
        ) -> u32;
    }
}

const OK: u32 = 0;
const CONTINUE: u32 = 0;
const PAUSE: u32 = 1;
const LOG_WARN: u32 = 3;
const LOG_ERROR: u32 = 4;
const PLUGIN_CONFIGURATION: u32 = 7;
const REQUEST_HEADERS: u32 = 0;
const FORBIDDEN: u32 = 403;
const RULES_MOST: usize = 256;
const LISTS_MOST: usize = 64;
const DEPTH_MOST: usize = 8;

fn log(level: u32, text: &str) {
    unsafe { host::proxy_log(level, text.as_ptr(), text.len()) };
}

/// What a host function wrote: memory that it had from `malloc`, which is ours now.
fn taken(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Option<Vec<u8>> {
    let (mut data, mut size) = (std::ptr::null_mut(), 0);
    if call(&mut data, &mut size) != OK {
        return None;
    }
    if data.is_null() {
        return Some(Vec::new());
    }
    Some(unsafe { Vec::from_raw_parts(data, size, size) })
}

fn header(name: &str) -> Vec<u8> {
    taken(|data, size| unsafe {
        host::proxy_get_header_map_value(REQUEST_HEADERS, name.as_ptr(), name.len(), data, size)
    })
    .unwrap_or_default()
}

fn property(path: &str) -> Vec<u8> {
    taken(|data, size| unsafe { host::proxy_get_property(path.as_ptr(), path.len(), data, size) }).unwrap_or_default()
}

/// A text that may have stars, each of which stands for any bytes, none as well.
struct Pattern(Vec<u8>);

impl Pattern {
    /// Goes back to the last star only, which is enough, and bounds the work by the product of both lengths.
    fn matches(&self, text: &[u8]) -> bool {
        let pattern = &self.0;
        let (mut at, mut seen, mut star) = (0, 0, None);
        while seen < text.len() {
            if at < pattern.len() && pattern[at] == b'*' {
                star = Some((at, seen));
                at += 1;
            } else if at < pattern.len() && pattern[at] == text[seen] {
                at += 1;
                seen += 1;
            } else if let Some((place, from)) = star {
                at = place + 1;
                seen = from + 1;
                star = Some((place, seen));
            } else {
                return false;
            }
        }
        pattern[at..].iter().all(|byte| *byte == b'*')
    }
}

/// An empty list of a rule fits everything.
#[derive(Default)]
struct Rule {
    peers: Vec<Pattern>,
    methods: Vec<Pattern>,
    paths: Vec<Pattern>,
    deny: bool,
}

fn any(patterns: &[Pattern], text: &[u8]) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(text))
}

#[derive(Default)]
struct Policy {
    rules: Vec<Rule>,
    allow_by_default: bool,
}

impl Policy {
    fn allows(&self, peer: &[u8], method: &[u8], path: &[u8]) -> bool {
        self.rules
            .iter()
            .find(|rule| any(&rule.peers, peer) && any(&rule.methods, method) && any(&rule.paths, path))
            .map_or(self.allow_by_default, |rule| !rule.deny)
    }
}

/// Reads JSON from front to back; the error is what was expected.
struct Json<'a> {
    rest: &'a [u8],
    depth: usize,
}

type Read<T> = Result<T, String>;

impl Json<'_> {
    fn peek(&mut self) -> u8 {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied().unwrap_or(0)
    }

    fn take(&mut self, byte: u8) -> Read<()> {
        if self.peek() != byte {
            return Err(format!("'{}' was expected", byte as char));
        }
        self.rest = &self.rest[1..];
        Ok(())
    }

    fn next(&mut self) -> Read<u8> {
        let (first, rest) = self.rest.split_first().ok_or("a text without end")?;
        self.rest = rest;
        Ok(*first)
    }

    fn unicode(&mut self) -> Read<char> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = (self.next()? as char).to_digit(16).ok_or("a \\u with four digits was expected")?;
            code = code << 4 | digit;
        }
        char::from_u32(code).ok_or_else(|| "surrogates are not supported".into())
    }

    fn string(&mut self) -> Read<Vec<u8>> {
        let mut text = Vec::new();
        self.take(b'"')?;
        loop {
            match self.next()? {
                b'"' => return Ok(text),
                b'\\' => match self.next()? {
                    b'u' => text.extend(self.unicode()?.encode_utf8(&mut [0; 4]).bytes()),
                    b'n' => text.push(b'\n'),
                    b't' => text.push(b'\t'),
                    b'r' => text.push(b'\r'),
                    byte @ (b'"' | b'\\' | b'/') => text.push(byte),
                    _ => return Err("an unknown escape".into()),
                },
                byte => text.push(byte),
            }
        }
    }

    /// Calls `element` for each one between the brackets.
    fn list(&mut self, open: u8, close: u8, mut element: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.take(open)?;
        self.depth += 1;
        if self.depth > DEPTH_MOST {
            return Err("too deep".into());
        }
        if self.peek() != close {
            element(self)?;
            while self.peek() == b',' {
                self.take(b',')?;
                element(self)?;
            }
        }
        self.depth -= 1;
        self.take(close)
    }

    fn object(&mut self, mut member: impl FnMut(&mut Self, &[u8]) -> Read<()>) -> Read<()> {
        self.list(b'{', b'}', |json| {
            let key = json.string()?;
            json.take(b':')?;
            member(json, &key)
        })
    }

    fn patterns(&mut self) -> Read<Vec<Pattern>> {
        let mut patterns = Vec::new();
        self.list(b'[', b']', |json| {
            patterns.push(Pattern(json.string()?));
            if patterns.len() > LISTS_MOST {
                return Err(format!("a list has at most {} texts", LISTS_MOST));
            }
            Ok(())
        })?;
        if patterns.is_empty() {
            return Err("a list without a text fits nothing".into());
        }
        Ok(patterns)
    }

    /// Whether the word is "deny"; it has to be that or "allow".
    fn denies(&mut self) -> Read<bool> {
        match self.string()?.as_slice() {
            b"deny" => Ok(true),
            b"allow" => Ok(false),
            _ => Err("\"allow\" or \"deny\" was expected".into()),
        }
    }

    fn rule(&mut self) -> Read<Rule> {
        let mut rule = Rule::default();
        self.object(|json, key| {
            match key {
                b"peers" => rule.peers = json.patterns()?,
                b"methods" => rule.methods = json.patterns()?,
                b"paths" => rule.paths = json.patterns()?,
                b"effect" => rule.deny = json.denies()?,
                _ => return Err(format!("unknown key {:?} of a rule", String::from_utf8_lossy(key))),
            }
            Ok(())
        })?;
        Ok(rule)
    }

    fn policy(&mut self) -> Read<Policy> {
        let mut policy = Policy::default();
        self.object(|json, key| match key {
            b"default" => {
                policy.allow_by_default = !json.denies()?;
                Ok(())
            }
            b"rules" => json.list(b'[', b']', |json| {
                policy.rules.push(json.rule()?);
                if policy.rules.len() > RULES_MOST {
                    return Err(format!("there are at most {} rules", RULES_MOST));
                }
                Ok(())
            }),
            _ => Err(format!("unknown key {:?}", String::from_utf8_lossy(key))),
        })?;
        if self.peek() != 0 {
            return Err("nothing was expected behind the end".into());
        }
        Ok(policy)
    }
}

fn hex(byte: Option<&u8>) -> Option<u8> {
    byte.and_then(|digit| (*digit as char).to_digit(16)).map(|digit| digit as u8)
}

/// The path as a server would read it: without the query, escapes decoded, empty and dot segments gone. None for one
/// that servers read in different ways: a broken escape, an escaped slash, backslash or NUL, or a step above the root.
fn normal_path(target: &[u8]) -> Option<Vec<u8>> {
    let end = target.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(target.len());
    let raw = &target[..end];
    let mut decoded = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let mut byte = raw[at];
        if byte == b'%' {
            byte = hex(raw.get(at + 1))? << 4 | hex(raw.get(at + 2))?;
            if matches!(byte, b'/' | 0) {
                return None;
            }
            at += 2;
        }
        if byte == b'\\' {
            return None;
        }
        decoded.push(byte);
        at += 1;
    }
    if decoded.first() != Some(&b'/') {
        return if decoded == b"*" { Some(decoded) } else { None };
    }
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in decoded.split(|byte| *byte == b'/') {
        match segment {
            b"" | b"." => (),
            b".." => {
                segments.pop()?;
            }
            _ => segments.push(segment),
        }
    }
    let mut path = Vec::with_capacity(decoded.len());
    for segment in &segments {
        path.push(b'/');
        path.extend_from_slice(segment);
    }
    if path.is_empty() || decoded.ends_with(b"/") {
        path.push(b'/');
    }
    Some(path)
}

static mut POLICY: Option<Policy> = None;

#[no_mangle]
pub extern "C" fn proxy_abi_version_0_2_1() {}

/// The host asks here for memory when it hands bytes over; a Vec made of it gives it back.
#[no_mangle]
pub extern "C" fn malloc(size: usize) -> *mut u8 {
    match Layout::from_size_align(size.max(1), 1) {
        Ok(layout) => unsafe { alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

#[no_mangle]
pub extern "C" fn proxy_on_configure(_root: u32, size: usize) -> u32 {
    let text = taken(|data, got| unsafe { host::proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, data, got) });
    let text = text.unwrap_or_default();
    match (Json { rest: &text, depth: 0 }).policy() {
        Ok(policy) => {
            unsafe { POLICY = Some(policy) };
            1
        }
        Err(why) => {
            log(LOG_ERROR, &format!("configuration refused: {}", why));
            0
        }
    }
}

fn allowed() -> bool {
    let path = match normal_path(&header(":path")) {
        Some(path) => path,
        None => return false,
    };
    let peer = property("connection\0uri_san_peer_certificate");
    let policy = unsafe { POLICY.as_ref() };
    policy.map_or(false, |policy| policy.allows(&peer, &header(":method"), &path))
}

#[no_mangle]
pub extern "C" fn proxy_on_request_headers(_context: u32, _headers: usize, _end: u32) -> u32 {
    const BODY: &str = "forbidden\n";
    const DETAILS: &str = "http_authz";
    if allowed() {
        return CONTINUE;
    }
    log(LOG_WARN, "request refused: no rule lets it through");
    unsafe {
        host::proxy_send_local_response(
            FORBIDDEN,
            DETAILS.as_ptr(),
            DETAILS.len(),
            BODY.as_ptr(),
            BODY.len(),
            std::ptr::null(),
            0,
            -1,
        )
    };
    PAUSE
}
