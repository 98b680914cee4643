package dev.countersign.server.attestation.serviceaccount;

import java.util.Map;

/**
 * A token that is well-formed and not yet believed.
 *
 * @param algorithm from the allow-list
 * @param keyId the {@code kid}
 * @param header all header parameters, the two above included
 * @param claims all claims
 * @param signingInput header and payload as they were sent, in ASCII
 * @param signature base64url, canonical
 */
record ParsedToken(
        SignatureAlgorithm algorithm,
        String keyId,
        Map<String, Object> header,
        Map<String, Object> claims,
        byte[] signingInput,
        String signature) {}
