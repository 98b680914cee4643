package dev.countersign.jwt;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A checked JWK set (RFC 7517, section 5): the public signing keys of one issuer.
 *
 * <p>Keys that cannot check a signature here are left out, each with the reason: secrets, private
 * keys, keys for encryption, unknown types, weak ones, a second one by the same name. A set with too
 * many keys, or with none that is left, is refused.
 */
public final class Jwks {
    /** Keys of one set; Istio and others have a handful. */
    public static final int MAX_KEYS = 100;

    private static final int MAX_KEY_ID = 256;

    private final List<Named> keys;
    private final Map<String, String> leftOut;

    private Jwks(List<Named> keys, Map<String, String> leftOut) {
        this.keys = List.copyOf(keys);
        this.leftOut = Map.copyOf(leftOut);
    }

    /**
     * @throws JwksRefused when the set as a whole is not usable
     */
    public static Jwks parse(String document) throws JwksRefused {
        return parse(document.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @throws JwksRefused when the set as a whole is not usable
     */
    public static Jwks parse(byte[] document) throws JwksRefused {
        List<?> listed = listed(document);
        if (listed.size() > MAX_KEYS) {
            throw new JwksRefused(
                    "keys: " + listed.size() + " (expected: at most " + MAX_KEYS + ")");
        }
        List<Named> keys = new ArrayList<>();
        Map<String, String> leftOut = new LinkedHashMap<>();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < listed.size(); i++) {
            try {
                Named key = key(listed.get(i));
                if (!key.id().isEmpty() && !ids.add(key.id())) {
                    throw new JwtKey.Unusable("kid: stands there already (expected: once)");
                }
                keys.add(key);
            } catch (JwtKey.Unusable e) {
                leftOut.put("keys[" + i + "]", e.getMessage());
            }
        }
        if (keys.isEmpty()) {
            throw new JwksRefused(
                    "keys: none usable" + some(leftOut) + " (expected: at least one)");
        }
        return new Jwks(keys, leftOut);
    }

    /** How many keys are held. */
    public int size() {
        return keys.size();
    }

    /** Why others are not held, by their place: {@code keys[3]}. */
    public Map<String, String> leftOut() {
        return leftOut;
    }

    /** The set again, with what is needed to check signatures and nothing else. */
    public String publicDocument() {
        return new JWKSet(keys.stream().map(Named::bare).toList()).toString(true);
    }

    /**
     * The keys that may have made a signature: of this id, or, where the token or the key names none,
     * every one that fits.
     *
     * @param id empty where the token has none
     */
    List<JwtKey> candidates(String id, JwtAlgorithm algorithm) {
        return keys.stream()
                .filter(one -> id.isEmpty() || one.id().isEmpty() || one.id().equals(id))
                .map(Named::key)
                .filter(key -> key.fits(algorithm))
                .toList();
    }

    /** Whether there is a key of this id, or one without. */
    boolean mayHave(String id) {
        return keys.stream()
                .anyMatch(one -> id.isEmpty() || one.id().isEmpty() || one.id().equals(id));
    }

    private static List<?> listed(byte[] document) throws JwksRefused {
        try {
            if (StrictJson.JWKS.object(document).get("keys") instanceof List<?> listed) {
                return listed;
            }
            throw new JwksRefused("keys: absent (expected: a list)");
        } catch (StrictJson.Invalid e) {
            throw new JwksRefused(e.getMessage());
        }
    }

    private static Named key(Object entry) throws JwtKey.Unusable {
        if (!(entry instanceof Map<?, ?> members)) {
            throw new JwtKey.Unusable("not an object");
        }
        JWK jwk;
        try {
            jwk = JWK.parse(plain(members));
        } catch (ParseException | RuntimeException e) {
            // Unknown types are to be passed over (RFC 7517, section 5); nimbus also throws
            // unchecked for some odd members. Its message may quote the key, so it is not kept.
            throw new JwtKey.Unusable("not a key that is known here");
        }
        if (jwk instanceof OctetSequenceKey || jwk.isPrivate()) {
            throw new JwtKey.Unusable("a secret (expected: a public key)");
        }
        if (jwk.getKeyUse() != null && !jwk.getKeyUse().equals(KeyUse.SIGNATURE)) {
            throw new JwtKey.Unusable("use: not sig");
        }
        if (jwk.getKeyOperations() != null
                && !jwk.getKeyOperations().contains(KeyOperation.VERIFY)) {
            throw new JwtKey.Unusable("key_ops: without verify");
        }
        String id = jwk.getKeyID() == null ? "" : jwk.getKeyID();
        if (id.length() > MAX_KEY_ID) {
            throw new JwtKey.Unusable("kid: " + id.length() + " characters (expected: <= 256)");
        }
        return new Named(id, JwtKey.of(jwk), bare(jwk));
    }

    private static JWK bare(JWK jwk) throws JwtKey.Unusable {
        return switch (jwk) {
            case RSAKey rsa ->
                    new RSAKey.Builder(rsa.getModulus(), rsa.getPublicExponent())
                            .keyID(rsa.getKeyID())
                            .algorithm(rsa.getAlgorithm())
                            .build();
            case ECKey ec ->
                    new ECKey.Builder(ec.getCurve(), ec.getX(), ec.getY())
                            .keyID(ec.getKeyID())
                            .algorithm(ec.getAlgorithm())
                            .build();
            case OctetKeyPair pair ->
                    new OctetKeyPair.Builder(pair.getCurve(), pair.getX())
                            .keyID(pair.getKeyID())
                            .algorithm(pair.getAlgorithm())
                            .build();
            default -> throw new JwtKey.Unusable("kty: " + jwk.getKeyType());
        };
    }

    private static Map<String, Object> plain(Map<?, ?> members) {
        Map<String, Object> plain = new HashMap<>();
        members.forEach((name, value) -> {
            if (!value.equals(StrictJson.NULL)) {
                plain.put((String) name, value);
            }
        });
        return plain;
    }

    private static String some(Map<String, String> leftOut) {
        return leftOut.isEmpty()
                ? ""
                : ", such as " + leftOut.entrySet().iterator().next().toString();
    }

    private record Named(String id, JwtKey key, JWK bare) {}
}
