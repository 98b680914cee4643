package dev.countersign.deploy.quickstart;

import dev.countersign.deploy.quickstart.Workloads.Member;
import java.nio.file.Path;

/** The files a person would have written. */
final class Configs {
    private Configs() {}

    static String server(Path home, int port, int ops, String life) {
        return """
        # A certificate authority on embedded defaults. `countersign config check` explains each key.
        trustDomain: %s
        listen: 127.0.0.1:%d
        dataDirectory: %s
        keys:
          passphraseFile: %s
        admin:
          socket: %s
        ops:
          listen: 127.0.0.1:%d
        attestation:
          issuer: %s
          jwks:
            file: %s
          localIssuer: true
        issuance:
          life: %s
        unsafe:
          shortLives: true
        # A rotation of roots in a minute: everything here lives for %s at most.
        rotation:
          lease: 2s
          dwell: 3s
          clockSkew: 1s
          serverCertificateLife: %s
        policies:
          directory: %s
        bootstrap:
          file: %s
        """
                .formatted(
                        Stage.TRUST_DOMAIN,
                        port,
                        home.resolve("ca"),
                        home.resolve("passphrase"),
                        home.resolve("admin.sock"),
                        ops,
                        Stage.ISSUER,
                        home.resolve("issuer").resolve("issuer.jwks.json"),
                        life,
                        life,
                        life,
                        home.resolve("policies"),
                        home.resolve("bootstrap.json"));
    }

    static String agent(Path home, int caPort, Member me, Workloads all) {
        StringBuilder listeners = new StringBuilder("listeners:\n");
        if (me.inbound() != 0) {
            listeners
                    .append("  inbound:\n")
                    .append(inbound(me.inbound(), me.app(), "http"))
                    .append(inbound(me.inboundTcp(), me.echo(), "tcp"));
        }
        if (me.inboundRpc() != 0) {
            listeners.append(inbound(me.inboundRpc(), me.rpc(), "http"));
        }
        if (me.outbound() != 0) {
            listeners
                    .append("  outbound:\n")
                    .append(outbound(me.outbound(), all.orders().inbound(), all.orders(), "http"));
        }
        if (me.outboundTcp() != 0) {
            listeners.append(
                    outbound(me.outboundTcp(), all.orders().inboundTcp(), all.orders(), "tcp"));
        }
        if (me.outboundRpc() != 0) {
            listeners.append(
                    outbound(me.outboundRpc(), all.orders().inboundRpc(), all.orders(), "http"));
        }
        return """
        trustDomain: %s
        ca:
          address: 127.0.0.1:%d
        bootstrap:
          file: %s
          tokenFile: %s
        state:
          directory: %s
        ops:
          listen: 127.0.0.1:%d
        %s\
        """
                .formatted(
                        Stage.TRUST_DOMAIN,
                        caPort,
                        home.resolve("bootstrap.json"),
                        home.resolve(me.name() + ".token"),
                        home.resolve(me.name() + "-state"),
                        me.ops(),
                        listeners);
    }

    /** Who may call orders: web always, guest only when let in, and then for everything. */
    static String policy(boolean guestToo) {
        return """
        # Edit this file while the quickstart runs: it is in force within a second.
        apiVersion: countersign.dev/v1
        kind: AuthorizationPolicy
        metadata:
          name: orders-callers
          namespace: shop
        spec:
          action: ALLOW
          rules:
          - from:
            - source:
                principals: [%s/ns/shop/sa/web]
            to:
            - operation:
                methods: [GET]
                paths: [/orders/*]
        """
                        .formatted(Stage.TRUST_DOMAIN)
                + (guestToo ? guestRule() : "");
    }

    /**
     * What web may do beside: talk to orders over TCP and gRPC. Two rules: one that names methods or
     * paths says nothing of TCP.
     */
    static String mixedRule(Member orders) {
        return """
          - from:
            - source:
                principals: [%s/ns/shop/sa/web]
            to:
            - operation:
                ports: ["%d"]
          - from:
            - source:
                principals: [%s/ns/shop/sa/web]
            to:
            - operation:
                methods: [POST]
                paths: [/soak.Echo/*]
        """
                .formatted(Stage.TRUST_DOMAIN, orders.echo(), Stage.TRUST_DOMAIN);
    }

    private static String guestRule() {
        return """
          - from:
            - source:
                principals: [%s/ns/shop/sa/guest]
        """
                .formatted(Stage.TRUST_DOMAIN)
                .indent(0);
    }

    private static String inbound(int listen, int target, String protocol) {
        return """
            - listen: 127.0.0.1:%d
              target: 127.0.0.1:%d
              protocol: %s
        """
                .formatted(listen, target, protocol);
    }

    private static String outbound(int listen, int target, Member peer, String protocol) {
        return """
            - listen: 127.0.0.1:%d
              target: 127.0.0.1:%d
              peer: %s
              protocol: %s
        """
                .formatted(listen, target, peer.id(), protocol);
    }
}
