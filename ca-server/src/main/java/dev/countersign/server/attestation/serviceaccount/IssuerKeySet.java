package dev.countersign.server.attestation.serviceaccount;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import dev.countersign.jwt.StrictJson;
import java.text.ParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checked JWK set (RFC 7517, section 5). Keys this server has no use for are left out, with the
 * reason. A set with a secret in it, or with one id for two keys, is refused as a whole: whoever
 * publishes such a set has to hear of it.
 *
 * @param keys by {@code kid}
 * @param leftOut why others are not among them, by {@code kid} or place
 */
record IssuerKeySet(Map<String, IssuerKey> keys, Map<String, String> leftOut) {
    IssuerKeySet {
        keys = Map.copyOf(keys);
        leftOut = Map.copyOf(leftOut);
    }

    /**
     * @param maxKeys more are refused
     * @throws JwksUnavailable when the set is refused
     */
    static IssuerKeySet parse(byte[] document, int maxKeys) throws JwksUnavailable {
        List<?> listed = listed(document);
        if (listed.size() > maxKeys) {
            throw new JwksUnavailable("keys: " + listed.size() + " (expected: <= " + maxKeys + ")");
        }
        Map<String, IssuerKey> keys = new HashMap<>();
        Map<String, String> leftOut = new LinkedHashMap<>();
        for (int i = 0; i < listed.size(); i++) {
            String place = "keys[" + i + "]";
            try {
                JWK jwk = jwk(listed.get(i), place);
                IssuerKey key = IssuerKey.of(jwk);
                if (keys.put(jwk.getKeyID(), key) != null) {
                    throw new JwksUnavailable(
                            place
                                    + ".kid: \""
                                    + Shown.of(jwk.getKeyID())
                                    + "\" twice (expected: once)");
                }
            } catch (IssuerKey.Unusable e) {
                leftOut.put(place, e.getMessage());
            }
        }
        if (keys.isEmpty()) {
            throw new JwksUnavailable("keys: none usable " + leftOut + " (expected: at least one)");
        }
        return new IssuerKeySet(keys, leftOut);
    }

    private static List<?> listed(byte[] document) throws JwksUnavailable {
        try {
            if (StrictJson.JWKS.object(document).get("keys") instanceof List<?> listed) {
                return listed;
            }
            throw new JwksUnavailable("keys: absent (expected: a list)");
        } catch (StrictJson.Invalid e) {
            throw new JwksUnavailable(e.getMessage());
        }
    }

    private static JWK jwk(Object entry, String place) throws JwksUnavailable, IssuerKey.Unusable {
        if (!(entry instanceof Map<?, ?> members)) {
            throw new JwksUnavailable(place + ": not an object");
        }
        JWK jwk;
        try {
            jwk = JWK.parse(plain(members));
        } catch (ParseException | RuntimeException e) {
            // Unknown types are to be passed over (RFC 7517, section 5); nimbus also throws
            // unchecked for some odd members. Its message may quote the key, so it is not kept.
            throw new IssuerKey.Unusable("not a key that is known here");
        }
        if (jwk instanceof OctetSequenceKey || jwk.isPrivate()) {
            throw new JwksUnavailable(place + ": a secret key (expected: public keys only)");
        }
        if (jwk.getKeyUse() != null && !jwk.getKeyUse().equals(KeyUse.SIGNATURE)) {
            throw new IssuerKey.Unusable("use: not sig");
        }
        String kid = jwk.getKeyID();
        if (kid == null || kid.isEmpty() || kid.length() > TokenParser.MAX_KEY_ID) {
            throw new IssuerKey.Unusable("kid: absent or odd");
        }
        return jwk;
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
}
