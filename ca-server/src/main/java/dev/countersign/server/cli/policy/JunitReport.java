package dev.countersign.server.cli.policy;

import dev.countersign.policy.cases.CaseResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Results in the XML that pipelines read as those of JUnit. */
final class JunitReport {

    private final XMLStreamWriter xml;

    private JunitReport(XMLStreamWriter xml) {
        this.xml = xml;
    }

    static byte[] of(List<Suite> suites) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            XMLStreamWriter writer =
                    XMLOutputFactory.newDefaultFactory()
                            .createXMLStreamWriter(bytes, StandardCharsets.UTF_8.name());
            new JunitReport(writer).write(suites);
            writer.close();
        } catch (XMLStreamException impossible) {
            throw new IllegalStateException(impossible); // memory takes every write
        }
        return bytes.toByteArray();
    }

    private void write(List<Suite> suites) throws XMLStreamException {
        xml.writeStartDocument(StandardCharsets.UTF_8.name(), "1.0");
        xml.writeStartElement("testsuites");
        for (Suite suite : suites) {
            xml.writeStartElement("testsuite");
            attribute("name", suite.file());
            attribute("tests", Integer.toString(suite.results().size()));
            attribute("failures", Long.toString(suite.failures()));
            for (CaseResult result : suite.results()) {
                testcase(suite.file(), result);
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
        xml.writeEndDocument();
    }

    private void testcase(String file, CaseResult result) throws XMLStreamException {
        xml.writeStartElement("testcase");
        attribute("classname", file);
        attribute("name", result.subject().id() + " " + result.subject().name());
        if (!(result instanceof CaseResult.Passed)) {
            xml.writeStartElement("failure");
            attribute("message", "expected " + result.subject().expected());
            xml.writeCharacters(
                    legal(
                            "request   "
                                    + result.subject().describe()
                                    + "\nexpected  "
                                    + result.subject().expected()
                                    + "\ngot       "
                                    + result.got()));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private void attribute(String name, String value) throws XMLStreamException {
        xml.writeAttribute(name, legal(value));
    }

    /** What XML 1.0 (section 2.2) cannot hold, a table's path may. */
    private static String legal(String text) {
        StringBuilder legal = new StringBuilder(text.length());
        text.codePoints().forEach(c -> legal.appendCodePoint(isLegal(c) ? c : 0xFFFD));
        return legal.toString();
    }

    private static boolean isLegal(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || (c >= 0x20 && c <= 0xD7FF)
                || (c >= 0xE000 && c <= 0xFFFD)
                || c >= 0x10000;
    }

    /** The results of one file. */
    record Suite(String file, List<CaseResult> results) {
        Suite {
            results = List.copyOf(results);
        }

        long failures() {
            return results.stream().filter(one -> !(one instanceof CaseResult.Passed)).count();
        }
    }
}
