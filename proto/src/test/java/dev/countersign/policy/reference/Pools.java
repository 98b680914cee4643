package dev.countersign.policy.reference;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The values that policies and requests are made of: few, so that they meet often, and with the traps
 * among them: dots in names, every form of {@code *}, shapes that are nearly right.
 */
final class Pools {

    static final List<String> NAMESPACES = List.of("a", "b", "a.b", "axb", "abc", "ns");
    static final List<String> ACCOUNTS = List.of("web", "w.b", "wxb", "sa");
    static final List<String> TRUST_DOMAINS =
            List.of("td", "old", "t.d", "txd", "tdx", "cluster.local");

    /** Identities that no server issues, and that must not be misread. */
    static final List<String> ODD_PRINCIPALS =
            List.of(
                    "td",
                    "td/ns/a",
                    "td/ns/a/sa/",
                    "td/ns/a/sa/web/more",
                    "td/ns/a/x/sa/web",
                    "td/ns/a//sa/web",
                    "td/ns/a/ns/b/sa/web",
                    "td/ns/a/sa/web/sa/wxb",
                    "td/ns/a/sa/sa/web",
                    "/ns/a/sa/web",
                    "",
                    "td/operator/eve");

    static final List<String> PRINCIPAL_PATTERNS =
            List.of(
                    "*",
                    "td/*",
                    "td/ns/a*",
                    "td/ns/a/*",
                    "*/sa/web",
                    "*w.b",
                    "*/ns/a/sa/web",
                    "*a*",
                    "spiffe://td/ns/a/sa/web",
                    "*-td/ns/a/sa/web",
                    "t*/ns/a/sa/web",
                    "cluster.local/ns/a/sa/web",
                    "td/ns/*/sa/web",
                    "td/operator/eve");
    static final List<String> NAMESPACE_PATTERNS = List.of("a*", "*b", "*", "a*b", "*.*");
    static final List<String> TRUST_DOMAIN_PATTERNS =
            List.of("*", "t*", "*d", "t*d", "*.local", "a/b", "*t*");

    static final List<String> ADDRESSES =
            List.of(
                    "10.0.0.1",
                    "10.0.0.2",
                    "10.1.2.3",
                    "192.168.0.1",
                    "2001:db8::1",
                    "2001:db9::1");
    static final List<String> BLOCKS =
            List.of(
                    "10.0.0.1",
                    "10.0.0.0/31",
                    "10.0.0.7/8",
                    "0.0.0.0/0",
                    "::/0",
                    "2001:db8::/32",
                    "2001:db8::1",
                    "2001:db8::/31",
                    "not an address");

    static final List<String> PORTS = List.of("80", "443", "8080");
    static final List<String> PORT_PATTERNS = List.of("80", "443", "8080", "0", "http");

    static final List<String> METHODS = List.of("GET", "POST", "get", "");
    static final List<String> METHOD_PATTERNS = List.of("GET", "POST", "P*", "*T", "*", "get");

    static final List<String> HOSTS =
            List.of("shop.test", "SHOP.test", "shop.test:80", "shopxtest", "a.shop.test", "test");
    static final List<String> HOST_PATTERNS =
            List.of("shop.test", "Shop.Test:*", "*.shop.test", "*TEST", "shop*", "*", "*:80");

    static final List<String> PATHS =
            List.of(
                    "/",
                    "/a",
                    "/a/",
                    "/A",
                    "/a/b",
                    "/a/b/c",
                    "/ab",
                    "/a.b",
                    "/axb",
                    "/a/b.txt",
                    "/items/7/parts",
                    "/items//parts",
                    "/items/7",
                    "/a/*health",
                    "/a/../b",
                    "/a/b/",
                    "*",
                    "/a/%41",
                    "/a/é");
    static final List<String> PATH_PATTERNS =
            List.of(
                    "/",
                    "/a",
                    "/a*",
                    "/a/*",
                    "/a/b*",
                    "/*",
                    "*",
                    "*b",
                    "*.txt",
                    "*/a*",
                    "/a.b",
                    "/a/*health",
                    "/items/{*}/parts",
                    "/items/{**}",
                    "/a/{**}/",
                    "/{*}",
                    "/a/{*}/{**}",
                    "/a/{x}/{*}",
                    "/{**}/b");

    static final List<String> SNI = List.of("shop.test", "shopxtest", "");
    static final List<String> HEADER_NAMES = List.of("x-tenant", "x-empty", "host");
    static final List<String> TEXT_VALUES = List.of("red", "r.d", "rxd", "redder", "", "true", "7");
    static final List<String> TEXT_PATTERNS =
            List.of("red", "r.d", "r*", "*d", "*", "*e*", "true", "7", "[red]", "[r*]", "red,r.d");

    static final List<String> ISSUERS = List.of("https://iss", "iss", "issuer", "");
    static final List<String> SUBJECTS = List.of("eve", "ev.e", "*", "admin", "eve/x", "");
    static final List<String> REQUEST_PRINCIPALS =
            List.of(
                    "*",
                    "https://iss/eve",
                    "iss/eve",
                    "iss/*",
                    "iss/e*",
                    "iss*",
                    "*eve",
                    "*/eve",
                    "*ss/eve",
                    "*/*",
                    "https://iss*",
                    "eve",
                    "iss/admin");

    static final List<Object> CLAIM_VALUES =
            List.of(
                    "red",
                    "r.d",
                    "red blue",
                    " red",
                    "",
                    true,
                    7,
                    List.of("red", "blue"),
                    List.of(7, true),
                    List.of("red blue"),
                    List.of(),
                    Map.of("red", "red"));
    static final List<String> CLAIMS = List.of("aud", "azp", "scope", "permission", "group");
    static final List<Object> METADATA_VALUES =
            List.of("red", "redder", "", List.of("red"), List.of("r", 7), List.of(), 7);

    static final List<String> CONDITION_KEYS =
            List.of(
                    "source.ip",
                    "remote.ip",
                    "source.namespace",
                    "source.serviceAccount",
                    "source.principal",
                    "source.trustDomain",
                    "request.auth.principal",
                    "request.auth.audiences",
                    "request.auth.presenter",
                    "destination.ip",
                    "destination.port",
                    "connection.sni",
                    "request.headers[X-Tenant]",
                    "request.headers[x-empty]",
                    "request.headers[Host]",
                    "request.auth.claims[scope]",
                    "request.auth.claims[group]",
                    "request.auth.claims[nested][group]",
                    "request.auth.claims[nested][scope]",
                    "experimental.envoy.filters.f[key]",
                    "destination.labels[app]");

    static final List<String> PROVIDERS = List.of("grpc", "http", "ghost");

    private Pools() {}

    /** What a condition on this key is compared with. */
    static List<String> valuesFor(String key) {
        return switch (key) {
            case "source.ip", "remote.ip", "destination.ip" -> BLOCKS;
            case "source.namespace" -> joined(NAMESPACES, NAMESPACE_PATTERNS);
            case "source.serviceAccount" -> serviceAccounts();
            case "source.principal" -> principals();
            case "source.trustDomain" -> joined(TRUST_DOMAINS, TRUST_DOMAIN_PATTERNS);
            case "request.auth.principal" -> REQUEST_PRINCIPALS;
            case "destination.port" -> PORT_PATTERNS;
            case "connection.sni", "request.headers[Host]" -> HOST_PATTERNS;
            default -> TEXT_PATTERNS;
        };
    }

    static List<String> principals() {
        return joined(
                PRINCIPAL_PATTERNS,
                List.of(
                        "td/ns/a/sa/web",
                        "td/ns/a/sa/w.b",
                        "td/ns/a.b/sa/web",
                        "old/ns/a/sa/web",
                        "t.d/ns/a/sa/web"));
    }

    static List<String> serviceAccounts() {
        return List.of("web", "w.b", "a/web", "a.b/web", "b/w.b", "ns/sa", "sa", "/web", "a/b/web");
    }

    static List<String> joined(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }
}
