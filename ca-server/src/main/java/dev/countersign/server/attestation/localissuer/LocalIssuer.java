package dev.countersign.server.attestation.localissuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import dev.countersign.server.attestation.BearerToken;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Mints tokens with a key of its own. Holds a private key: {@link #toString} hides it. */
public final class LocalIssuer {
    /** The {@code iss} of its tokens, unless another is asked for. Not resolvable, on purpose. */
    public static final String DEFAULT_ISSUER = "https://local-issuer.countersign.internal";

    private final JWK key;
    private final JWSSigner signer;
    private final InstantSource clock;

    LocalIssuer(JWK key, InstantSource clock) {
        this.key = key;
        this.clock = clock;
        try {
            this.signer =
                    switch (key) {
                        case RSAKey rsa -> new RSASSASigner(rsa);
                        case ECKey ec -> new ECDSASigner(ec);
                        default ->
                                throw new IllegalArgumentException(
                                        "kty: " + key.getKeyType() + " (expected: RSA or EC)");
                    };
        } catch (JOSEException e) {
            throw new IllegalArgumentException("issuer key: cannot sign", e);
        }
    }

    /** One with a key that is written nowhere: for tests and benchmarks. */
    public static LocalIssuer ephemeral(IssuerKeyFile.Kind kind, InstantSource clock) {
        return new LocalIssuer(IssuerKeyFile.generate(kind), clock);
    }

    /** Its public key as a JWK set (RFC 7517), for the server. */
    public String jwks() {
        return new JWKSet(key.toPublicJWK()).toString();
    }

    public String keyId() {
        return key.getKeyID();
    }

    /** A token for the pod, valid from now. */
    public BearerToken mint(TokenRequest request) {
        // Kubernetes writes exactly these two parameters.
        JWSHeader header =
                new JWSHeader.Builder(JWSAlgorithm.parse(key.getAlgorithm().getName()))
                        .keyID(key.getKeyID())
                        .build();
        JWSObject token = new JWSObject(header, new Payload(claims(request)));
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("cannot sign with key " + keyId(), e);
        }
        return new BearerToken(token.serialize());
    }

    @Override
    public String toString() {
        return "LocalIssuer[kid " + keyId() + "]";
    }

    /** In the alphabetical order in which Kubernetes writes them. */
    private Map<String, Object> claims(TokenRequest request) {
        Instant now = clock.instant();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("aud", List.copyOf(request.audiences()));
        claims.put("exp", now.plus(request.life()).getEpochSecond());
        claims.put("iat", now.getEpochSecond());
        claims.put("iss", request.issuer());
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("kubernetes.io", binding(request));
        claims.put("nbf", now.getEpochSecond());
        claims.put(
                "sub",
                "system:serviceaccount:"
                        + request.account().namespace()
                        + ":"
                        + request.account().name());
        return claims;
    }

    /**
     * No {@code warnafter}: Kubernetes adds it only to tokens for its own API server that it
     * stretches to a year.
     */
    private static Map<String, Object> binding(TokenRequest request) {
        Map<String, Object> binding = new LinkedHashMap<>();
        binding.put("namespace", request.account().namespace());
        request.node()
                .ifPresent(node -> binding.put("node", object(node, stableUid("node", node))));
        binding.put("pod", object(request.podName(), request.podUid()));
        binding.put("serviceaccount", object(request.account().name(), request.accountUid()));
        return binding;
    }

    private static Map<String, Object> object(String name, String uid) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", name);
        object.put("uid", uid);
        return object;
    }

    /** A UID that the same name always gets: pods here are named by people, not by a controller. */
    static String stableUid(String kind, String name) {
        byte[] seed =
                ("countersign local issuer/" + kind + "/" + name).getBytes(StandardCharsets.UTF_8);
        return UUID.nameUUIDFromBytes(seed).toString();
    }
}
