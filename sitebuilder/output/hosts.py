"""Generate the configuration of a host: headers and redirects in the format that it reads.

Netlify and Cloudflare Pages read files at the root of the site, which are published with it. The
configuration for nginx and Caddy lives outside the site; it is printed and never published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sitebuilder.core import urls
from sitebuilder.core.config import CONFIG_PATH
from sitebuilder.core.model import Site
from sitebuilder.core.problems import Problem, problem
from sitebuilder.output.headers import (
    CACHE_HEADER,
    CSP_HEADER,
    FINGERPRINTED_PATTERN,
    IMMUTABLE,
    MEDIA_TYPES,
    SVG_CSP,
    TEXT_EXTENSIONS,
)

MAX_HEADER_LINE: Final = 2000
"""The most characters that Cloudflare Pages accepts in a line of `_headers`. nginx
accepts 4,096 bytes."""

MAX_REDIRECTS: Final = 2000
"""The most lines that Cloudflare Pages accepts in `_redirects`."""


def host_files(host: str, site: Site, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the files that a host reads at the root of the site: their text, by path.

    `_headers` has a single rule for all paths, since Cloudflare Pages joins the values of all rules
    that match. So fingerprinted files are revalidated too, and SVGs get the common policy.

    Args:
        host: `host` in the config. Only `netlify` and `cloudflare` read such files; for others,
            the result is empty.
        site: The site.
        headers: The headers of every response, by name.
    """
    if host not in {"netlify", "cloudflare"}:
        return {}
    lines = [f"  {name}: {value}" for name, value in headers.items()]
    files = {"_headers": "\n".join(["/*", *lines]) + "\n"}
    if site.redirects:
        # Without `!`, Netlify serves the file that exists at the old address.
        status = "301!" if host == "netlify" else "301"
        redirects = redirect_targets(site).items()
        rows = [f"{urls.href('/', old)} {new} {status}\n" for old, new in redirects]
        files["_redirects"] = "".join(rows)
    return files


def redirect_targets(site: Site) -> dict[str, str]:
    """Return the URL that each old address redirects to.

    Folders are listed without a slash, too.
    """
    base = site.config.base
    targets = {redirect.old: urls.href(base, redirect.new) for redirect in site.redirects}
    without_slash = {old.rstrip("/"): new for old, new in targets.items() if old != "/"}
    return {**without_slash, **targets}


def check_host(site: Site, headers: Mapping[str, str]) -> Iterable[Problem]:
    """Yield a problem for each need of the site that the host in the config does not support."""
    host, line = site.config.host, site.config.lines.get("host", 0)
    if host == "none":
        return
    if site.config.base != "/":
        message = f"{host} shows the site at the top of its address, not in {site.config.base}"
        hint = "Take the folder out of 'url' (or --url), or write 'host: none'."
        yield problem("host", CONFIG_PATH, message, hint=hint, line=line)
    hint = "Serve the site with nginx or Caddy (docs/hosting.md), or make it smaller."
    for name, value in headers.items():
        if len(name) + len(value) + 4 > MAX_HEADER_LINE:
            message = f"the header {name} is too long for {host} ({len(value)} characters)"
            yield problem("host", CONFIG_PATH, message, hint=hint, line=line)
    if len(redirect_targets(site)) > MAX_REDIRECTS:
        message = f"{host} takes {MAX_REDIRECTS} redirects, and 'aliases' ask for more"
        yield problem("host", CONFIG_PATH, message, hint=hint, line=line)


# -- nginx ----------------------------------------------------------------------------------------


def nginx_config(site: Site, headers: Mapping[str, str], folder: str) -> str:
    """Return what to include in a `server` block of nginx that serves the site from `folder`.

    The two headers that depend on the file are variables, which are set by its path.
    """
    base = site.config.base
    variable_headers = {**headers, CSP_HEADER: "$site_policy", CACHE_HEADER: "$site_cache"}
    add_headers = [
        f'add_header {name} "{value}" always;' for name, value in variable_headers.items()
    ]
    text_types = " ".join(sorted({MEDIA_TYPES[kind] for kind in TEXT_EXTENSIONS} - {"text/html"}))
    location = [
        f'alias "{folder.rstrip("/")}/";',
        *add_headers,
        "index index.html;",
        f"error_page 403 404 =404 {base}404.html;",  # 403: a folder without a page
        "absolute_redirect off;",
        "server_tokens off;",
        "charset utf-8;",
        f"charset_types {text_types};",
        "default_type application/octet-stream;",
        "types {",
        *(f"    {media} {kind};" for kind, media in MEDIA_TYPES.items()),
        "}",
        "gzip_vary on;",
        *(
            _NGINX_PRECOMPRESSED
            if site.config.compress
            else ("gzip on;", f"gzip_types {text_types};")
        ),
        r'location ~ "/\.(?!well-known/)" { return 404; }',
        *(
            f'location = "{base[:-1]}{old}" {{ return 301 "{new}"; }}'
            for old, new in redirect_targets(site).items()
        ),
    ]
    lines = [
        *_leading_comment(site, "nginx", "server"),
        f'set $site_policy "{headers[CSP_HEADER]}";',
        f'set $site_cache "{headers[CACHE_HEADER]}";',
        rf'if ($uri ~ "^{base}.*\.svg$") {{ set $site_policy "{SVG_CSP}"; }}',
        f'if ($uri ~ "^{base}.*{FINGERPRINTED_PATTERN}") {{ set $site_cache "{IMMUTABLE}"; }}',
        *([] if base == "/" else _nginx_slash_redirect(base, add_headers)),
        f"location ^~ {base} {{",
        *(f"    {line}" for line in location),
        "}",
    ]
    return "\n".join(lines) + "\n"


_NGINX_PRECOMPRESSED: Final = (
    "gzip_static on;",
    "# brotli_static on;  # if nginx has the module ngx_brotli",
)


def _nginx_slash_redirect(base: str, header_lines: Iterable[str]) -> list[str]:
    lines = ["absolute_redirect off;", *header_lines, f'return 301 "{base}";']
    return [f"location = {base[:-1]} {{", *(f"    {line}" for line in lines), "}"]


# -- Caddy ----------------------------------------------------------------------------------------


def caddy_config(site: Site, headers: Mapping[str, str], folder: str) -> str:
    """Return what to import in the site block of a Caddyfile that serves the site from `folder`."""
    base = site.config.base
    lines = [
        *_leading_comment(site, "caddy", "site's"),
        *([] if base == "/" else _caddy_slash_redirect(base, headers)),
        f"handle_path {base}* {{",
        f'    root * "{folder.rstrip("/")}"',
        "    route {",
        *(f"        {line}" for line in _caddy_file_server(site, headers)),
        "    }",
        "}",
        "handle_errors {",
        f"    handle {base}* {{",
        f'        root * "{folder.rstrip("/")}"',
        "        route {",
        *(f"            {line}" for line in _caddy_headers(headers)),
        "            header Content-Type text/html;charset=utf-8",
        "            rewrite * /404.html",
        "            file_server",
        "        }",
        "    }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _caddy_slash_redirect(base: str, headers: Mapping[str, str]) -> list[str]:
    lines = [*_caddy_headers(headers), f"redir * {base} 301"]
    return [f"handle {base[:-1]} {{", *(f"    {line}" for line in lines), "}"]


def _caddy_file_server(site: Site, headers: Mapping[str, str]) -> list[str]:
    return [
        *_caddy_headers(headers),
        "@drawing path *.svg",
        f'header @drawing {CSP_HEADER} "{SVG_CSP}"',
        f"@named path_regexp `{FINGERPRINTED_PATTERN}`",
        f'header @named {CACHE_HEADER} "{IMMUTABLE}"',
        *_caddy_media_types(),
        *(f'redir "{old}" "{new}" 301' for old, new in redirect_targets(site).items()),
        "@hidden {",
        "    path */.*",
        "    not path /.well-known/*",
        "}",
        "error @hidden 404",
        "@change not method GET HEAD",
        "error @change 405",
        *([] if site.config.compress else ["encode gzip"]),
        "file_server {",
        *(["    precompressed br gzip"] if site.config.compress else []),
        "}",
    ]


def _caddy_headers(headers: Mapping[str, str]) -> list[str]:
    rows = [f'    {name} "{value}"' for name, value in headers.items()]
    return ["header {", *rows, "}", "header -Server"]


def _caddy_media_types() -> Iterable[str]:
    """Yield lines that set the media types: Caddy takes most of them from the machine it runs on.

    The address of a folder has no extension; Caddy knows the type of the page that it serves there.
    """
    for kind, media in MEDIA_TYPES.items():
        charset = ";charset=utf-8" if kind in TEXT_EXTENSIONS else ""
        yield f"@{kind} path *.{kind}"
        yield f"header @{kind} Content-Type {media}{charset}"


def _leading_comment(site: Site, host: str, block: str) -> list[str]:
    where = f" for {site.config.url}" if site.config.url else ""
    return [
        f"# Made by `build.py host {host}`{where}. It belongs into a {block} block.",
        "# Make it again when the style, a tool, an alias or a setting of the site has changed.",
    ]
