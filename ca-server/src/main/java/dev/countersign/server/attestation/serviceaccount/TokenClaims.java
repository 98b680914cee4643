package dev.countersign.server.attestation.serviceaccount;

import dev.countersign.identity.ServiceAccountName;
import dev.countersign.server.attestation.AttestationRefused;
import dev.countersign.server.attestation.AttestationRefused.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a Kubernetes projected token, each of its type and each name a Kubernetes name; not
 * yet compared with anything.
 */
record TokenClaims(
        String issuer,
        List<String> audiences,
        Instant issuedAt,
        Instant notBefore,
        Instant expires,
        ServiceAccountName account,
        String accountUid,
        String podName,
        String podUid,
        Optional<String> nodeName) {
    /** What legacy secret tokens say they are from. */
    private static final String LEGACY_ISSUER = "kubernetes/serviceaccount";

    private static final String LEGACY_CLAIMS = "kubernetes.io/serviceaccount/";
    private static final String SUBJECT = "system:serviceaccount:";
    private static final int MAX_AUDIENCES = 32;
    private static final int MAX_UID = 64;

    /** Year 9999: later instants have no RFC 3339 form. */
    private static final long MAX_SECONDS = 253_402_300_799L;

    TokenClaims {
        audiences = List.copyOf(audiences);
    }

    static TokenClaims of(Map<String, Object> claims) throws AttestationRefused {
        refuseLegacy(claims);
        String issuer = string(claims, "iss", "iss");
        List<String> audiences = audiences(claims);
        Instant issuedAt = time(claims, "iat");
        Instant notBefore = time(claims, "nbf");
        Instant expires = time(claims, "exp");
        Map<?, ?> kubernetes = object(claims, "kubernetes.io", Reason.TOKEN_NOT_BOUND_TO_POD);
        Map<?, ?> pod = object(kubernetes, "pod", Reason.TOKEN_NOT_BOUND_TO_POD);
        String podName =
                bound(pod, "name", Reason.TOKEN_NOT_BOUND_TO_POD, "kubernetes.io.pod.name");
        String podUid = uid(pod, Reason.TOKEN_NOT_BOUND_TO_POD, "kubernetes.io.pod.uid");
        Map<?, ?> account = object(kubernetes, "serviceaccount", Reason.TOKEN_ACCOUNT_UID_MISSING);
        String accountUid =
                uid(account, Reason.TOKEN_ACCOUNT_UID_MISSING, "kubernetes.io.serviceaccount.uid");
        return new TokenClaims(
                issuer,
                audiences,
                issuedAt,
                notBefore,
                expires,
                account(claims, kubernetes, account),
                accountUid,
                kubernetesName(podName, "kubernetes.io.pod.name"),
                podUid,
                node(kubernetes));
    }

    private static void refuseLegacy(Map<String, Object> claims) throws AttestationRefused {
        boolean legacy =
                LEGACY_ISSUER.equals(claims.get("iss"))
                        || claims.keySet().stream().anyMatch(name -> name.startsWith(LEGACY_CLAIMS))
                        || !claims.containsKey("exp");
        if (legacy) {
            throw new AttestationRefused(
                    Reason.TOKEN_LEGACY,
                    "token: a legacy secret token, or one without exp (expected: a projected one)");
        }
    }

    private static List<String> audiences(Map<String, Object> claims) throws AttestationRefused {
        @Nullable Object claim = claims.get("aud");
        List<?> listed =
                claim instanceof List<?> list ? list : claim == null ? List.of() : List.of(claim);
        if (listed.size() > MAX_AUDIENCES) {
            throw malformed("aud", listed.size() + " entries", "<= " + MAX_AUDIENCES);
        }
        List<String> audiences = new ArrayList<>(listed.size());
        for (Object audience : listed) {
            if (!(audience instanceof String text)) {
                throw malformed("aud", "not text", "a text or a list of texts");
            }
            audiences.add(text);
        }
        return audiences;
    }

    private static Instant time(Map<String, Object> claims, String name) throws AttestationRefused {
        if (claims.get(name) instanceof Long seconds && seconds > 0 && seconds <= MAX_SECONDS) {
            return Instant.ofEpochSecond(seconds);
        }
        throw malformed(name, "absent or odd", "whole seconds since 1970");
    }

    private static ServiceAccountName account(
            Map<String, Object> claims, Map<?, ?> kubernetes, Map<?, ?> account)
            throws AttestationRefused {
        String namespace = string(kubernetes, "namespace", "kubernetes.io.namespace");
        String name = string(account, "name", "kubernetes.io.serviceaccount.name");
        if (!ServiceAccountName.isNamespace(namespace)) {
            throw oddName("kubernetes.io.namespace", namespace, "an RFC 1123 label");
        }
        kubernetesName(name, "kubernetes.io.serviceaccount.name");
        String subject = string(claims, "sub", "sub");
        String expected = SUBJECT + namespace + ":" + name;
        if (!subject.equals(expected)) {
            throw new AttestationRefused(
                    Reason.TOKEN_SUBJECT_MISMATCH,
                    "sub: \"" + Shown.of(subject) + "\" (expected: " + expected + ")");
        }
        return new ServiceAccountName(namespace, name);
    }

    private static Optional<String> node(Map<?, ?> kubernetes) throws AttestationRefused {
        if (!kubernetes.containsKey("node")) {
            return Optional.empty();
        }
        Map<?, ?> node = object(kubernetes, "node", Reason.TOKEN_MALFORMED);
        String name = string(node, "name", "kubernetes.io.node.name");
        return Optional.of(kubernetesName(name, "kubernetes.io.node.name"));
    }

    private static String kubernetesName(String name, String path) throws AttestationRefused {
        if (!ServiceAccountName.isName(name)) {
            throw oddName(path, name, "an RFC 1123 subdomain");
        }
        return name;
    }

    private static String uid(Map<?, ?> holder, Reason ifMissing, String path)
            throws AttestationRefused {
        String uid = bound(holder, "uid", ifMissing, path);
        boolean plain = uid.length() <= MAX_UID;
        for (int i = 0; plain && i < uid.length(); i++) {
            char c = uid.charAt(i);
            plain =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || c == '-';
        }
        if (!plain) {
            throw oddName(path, uid, "1 to " + MAX_UID + " of a-z A-Z 0-9 -");
        }
        return uid;
    }

    private static String bound(Map<?, ?> holder, String name, Reason ifMissing, String path)
            throws AttestationRefused {
        if (holder.get(name) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new AttestationRefused(ifMissing, path + ": absent (expected: a text)");
    }

    private static Map<?, ?> object(Map<?, ?> holder, String name, Reason ifMissing)
            throws AttestationRefused {
        if (holder.get(name) instanceof Map<?, ?> object) {
            return object;
        }
        throw new AttestationRefused(ifMissing, name + ": absent (expected: an object)");
    }

    private static String string(Map<?, ?> holder, String name, String path)
            throws AttestationRefused {
        if (holder.get(name) instanceof String text) {
            return text;
        }
        throw malformed(path, "absent or not text", "a text");
    }

    private static AttestationRefused malformed(String path, String value, String expected) {
        return new AttestationRefused(
                Reason.TOKEN_MALFORMED, path + ": " + value + " (expected: " + expected + ")");
    }

    private static AttestationRefused oddName(String path, String value, String expected) {
        return new AttestationRefused(
                Reason.TOKEN_ODD_NAME,
                path + ": \"" + Shown.of(value) + "\" (expected: " + expected + ")");
    }
}
