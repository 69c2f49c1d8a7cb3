"""What makes the PDF fit for an archive and stay fit for everybody: PDF/A-3a and PDF/UA-1 at once.

WeasyPrint writes one standard's mark into a file. PDF/A allows the other one's beside it when the
file itself explains what that mark means."""

from __future__ import annotations

from typing import Any

import pydyf  # type: ignore[import-untyped]

# The mark of PDF/UA-1, and its description as PDF/A-3 (ISO 19005-3, 6.6.2.3) asks for it.
ALSO_UA_1 = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" \
pdfuaid:part="1"/><rdf:Description rdf:about="" \
xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of the PDF/UA standard</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property>\
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
END = b"</rdf:RDF>"


def complete(pdf: Any) -> None:
    """Add the mark of PDF/UA-1 to the metadata of a document set as PDF/A-3a, and name each
    attached file once: WeasyPrint names it twice."""
    pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    reference: bytes = pdf.catalog["Metadata"]
    metadata = pdf.objects[int(reference.split()[0])]
    (said,) = metadata.stream
    metadata.stream[:] = [said.replace(END, ALSO_UA_1 + END, 1)]
