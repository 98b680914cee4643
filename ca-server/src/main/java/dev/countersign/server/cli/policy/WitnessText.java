package dev.countersign.server.cli.policy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.policy.Request;
import dev.countersign.policy.analysis.RequestClass;
import dev.countersign.policy.analysis.Witness;
import dev.countersign.policy.match.PrintableText;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One request that shows something, for people and for programs. */
final class WitnessText {

    private static final int MOST = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private WitnessText() {}

    /** In one line. */
    static String line(Witness witness) {
        Request request = witness.request();
        StringJoiner line = new StringJoiner(" ");
        String caller = request.sourcePrincipal();
        line.add(caller == null ? "a plaintext caller" : "spiffe://" + printable(caller));
        line.add("→");
        if (request.isHttp()) {
            line.add(printable(request.method())).add(printable(request.path()));
        } else {
            line.add("tcp");
        }
        line.add("on port " + request.port());
        new TreeMap<>(witness.headers())
                .forEach((name, value) -> line.add("with " + name + ": " + printable(value)));
        Map<String, ?> claims = request.jwtClaims();
        if (claims != null) {
            line.add("with claims " + printable(claims.toString()));
        }
        if (!witness.allowing().isEmpty()) {
            line.add("if " + String.join(", ", new TreeSet<>(witness.allowing())) + " says yes");
        }
        return line.toString();
    }

    /** With every attribute. */
    static ObjectNode document(Witness witness) {
        Request request = witness.request();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("protocol", request.isHttp() ? "http" : "tcp");
        node.put("sourcePrincipal", request.sourcePrincipal());
        node.put("sourceIp", text(request.sourceIp()));
        node.put("remoteIp", text(request.remoteIp()));
        node.put("destinationIp", text(request.destinationIp()));
        node.put("port", request.port());
        node.put("sni", request.sni());
        if (request.isHttp()) {
            node.put("method", request.method());
            node.put("host", request.host());
            node.put("path", request.path());
            ObjectNode headers = node.putObject("headers");
            new TreeMap<>(witness.headers()).forEach(headers::put);
            node.set("claims", JSON.valueToTree(request.jwtClaims()));
        }
        ArrayNode providers = node.putArray("providersThatAllow");
        new TreeSet<>(witness.allowing()).forEach(providers::add);
        return node;
    }

    /** A class of requests, with its witness. */
    static void put(ObjectNode node, RequestClass requests) {
        node.put("protocol", requests.protocol())
                .put("source", requests.source())
                .put("port", requests.port())
                .put("method", requests.method())
                .put("path", requests.path());
        ArrayNode conditions = node.putArray("conditions");
        requests.conditions().forEach(conditions::add);
        ArrayNode onlyIf = node.putArray("onlyIf");
        requests.onlyIf().forEach(onlyIf::add);
        Witness witness = requests.witness();
        node.set("witness", witness == null ? node.nullNode() : document(witness));
    }

    /** What is asked for and under which conditions. */
    static String request(RequestClass requests) {
        StringJoiner line = new StringJoiner(", ");
        line.add(printable(requests.request()));
        requests.conditions().forEach(one -> line.add(printable(one)));
        if (!requests.onlyIf().isEmpty()) {
            line.add("possible if " + printable(String.join(" and ", requests.onlyIf())));
        }
        return line.toString();
    }

    static String printable(@Nullable String text) {
        return text == null ? "" : PrintableText.excerpt(text, MOST);
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
