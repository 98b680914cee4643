package dev.countersign.server.attestation.localissuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.runtime.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.UUID;

/**
 * The local issuer's key: a private JWK in a file of mode 0600, made on first use, with the public
 * JWK set beside it.
 */
public final class IssuerKeyFile {
    private static final int RSA_BITS = 2048;
    private static final int MAX_BYTES = 64 * 1024;

    private final Path file;

    public IssuerKeyFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    /** {@code issuer.jwk} has {@code issuer.jwks.json} beside it. */
    public Path jwksFile() {
        String name = String.valueOf(file.getFileName());
        String stem = name.endsWith(".jwk") ? name.substring(0, name.length() - 4) : name;
        return file.resolveSibling(stem + ".jwks.json");
    }

    /**
     * Opens the key.
     *
     * @throws IOException when there is none, others may read it, or it is not such a key
     */
    public LocalIssuer open(InstantSource clock) throws IOException {
        byte[] bytes = AtomicFiles.readSecret(file, MAX_BYTES);
        JWK key;
        try {
            key = JWK.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (ParseException | RuntimeException e) {
            // The cause may quote the key: it is not kept.
            throw new IOException(file + ": not a JWK (expected: an issuer's private key)");
        }
        if (!key.isPrivate() || key.getKeyID() == null || key.getAlgorithm() == null) {
            throw new IOException(file + ": not an issuer's private key (expected: d, kid, alg)");
        }
        return new LocalIssuer(key, clock);
    }

    /**
     * Opens the key, or makes it first. Two who do so at once end up with the same key. The JWK set
     * is written when it is missing or another's.
     */
    public LocalIssuer openOrCreate(Kind kind, InstantSource clock) throws IOException {
        LocalIssuer issuer;
        try {
            issuer = open(clock);
        } catch (NoSuchFileException e) {
            create(kind);
            issuer = open(clock);
        }
        exportJwks(issuer, jwksFile());
        return issuer;
    }

    /** Writes the public key set, unless it is there already. Anyone may read it. */
    public static void exportJwks(LocalIssuer issuer, Path target) throws IOException {
        String jwks = issuer.jwks() + "\n";
        boolean same = Files.isRegularFile(target) && Files.readString(target).equals(jwks);
        if (!same) {
            AtomicFiles.write(target, jwks.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void create(Kind kind) throws IOException {
        byte[] jwk = (generate(kind).toJSONString() + "\n").getBytes(StandardCharsets.UTF_8);
        Path folder = Objects.requireNonNull(file.getParent(), "an absolute file has a folder");
        AtomicFiles.createPrivateDirectory(folder);
        Path mine = file.resolveSibling("." + UUID.randomUUID() + ".jwk");
        AtomicFiles.writeSecret(mine, jwk);
        try {
            Files.createLink(file, mine); // fails where a rename would replace another's key
            AtomicFiles.syncDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            // Somebody made one in the meantime: theirs it is.
        } finally {
            Files.delete(mine);
        }
    }

    static JWK generate(Kind kind) {
        try {
            return switch (kind) {
                case RS256 -> {
                    RSAKey key = new RSAKeyGenerator(RSA_BITS).generate();
                    yield new RSAKey.Builder(key)
                            .algorithm(JWSAlgorithm.RS256)
                            .keyUse(KeyUse.SIGNATURE)
                            .keyID(keyId(key.toRSAPublicKey().getEncoded()))
                            .build();
                }
                case ES256 -> {
                    ECKey key = new ECKeyGenerator(Curve.P_256).generate();
                    yield new ECKey.Builder(key)
                            .algorithm(JWSAlgorithm.ES256)
                            .keyUse(KeyUse.SIGNATURE)
                            .keyID(keyId(key.toECPublicKey().getEncoded()))
                            .build();
                }
            };
        } catch (JOSEException e) {
            throw new IllegalStateException("cannot make a key", e);
        }
    }

    /** As Kubernetes names its keys: base64url SHA-256 of the SubjectPublicKeyInfo. */
    private static String keyId(byte[] subjectPublicKeyInfo) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return Base64URL.encode(sha256.digest(subjectPublicKeyInfo)).toString();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has SHA-256
        }
    }

    /** What the issuer signs with. */
    public enum Kind {
        /** RSA-2048, as Kubernetes' own issuers do. */
        RS256,
        ES256
    }
}
