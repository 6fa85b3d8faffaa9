"""Allowed elements and attributes of SVG drawings, from SVG 2 and SVG 1.1."""

from __future__ import annotations

from typing import Final

ALLOWED_ELEMENTS: Final = frozenset(
    """
    svg g defs symbol use switch a view title desc style
    path rect circle ellipse line polyline polygon image text tspan textPath
    clipPath mask pattern marker linearGradient radialGradient stop
    animate animateMotion animateTransform set mpath
    filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix
    feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB
    feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset
    fePointLight feSpecularLighting feSpotLight feTile feTurbulence
    """.split()
)
"""No `script`, no `foreignObject`, no HTML elements."""

STRIPPED_ELEMENTS: Final = frozenset({"metadata"})
"""SVG elements that display nothing; they are removed."""

ALLOWED_ATTRIBUTES: Final = frozenset(
    """
    id class style lang space tabindex role transform transform-origin
    xmlns version baseProfile viewBox preserveAspectRatio width height x y x1 y1 x2 y2 dx dy
    cx cy r rx ry fx fy fr d points pathLength rotate textLength lengthAdjust startOffset
    method spacing side offset title show target
    gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits patternTransform
    clipPathUnits maskUnits maskContentUnits markerUnits markerWidth markerHeight refX refY orient
    filterUnits primitiveUnits in in2 result type values mode operator k1 k2 k3 k4 tableValues
    slope intercept amplitude exponent stdDeviation edgeMode kernelMatrix kernelUnitLength order
    divisor bias targetX targetY preserveAlpha surfaceScale diffuseConstant specularConstant
    specularExponent limitingConeAngle azimuth elevation z pointsAtX pointsAtY pointsAtZ scale
    xChannelSelector yChannelSelector radius baseFrequency numOctaves seed stitchTiles
    attributeName attributeType begin dur end min max restart repeatCount repeatDur fill calcMode
    keyTimes keySplines keyPoints path from to by additive accumulate
    requiredFeatures requiredExtensions systemLanguage media
    alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation
    color-interpolation-filters color-rendering direction display dominant-baseline
    enable-background fill-opacity fill-rule filter flood-color flood-opacity font font-family
    font-size font-size-adjust font-stretch font-style font-variant font-weight
    glyph-orientation-horizontal glyph-orientation-vertical image-rendering isolation kerning
    letter-spacing lighting-color marker marker-end marker-mid marker-start mask mask-type
    mix-blend-mode opacity overflow paint-order pointer-events shape-rendering stop-color
    stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin
    stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration text-overflow
    text-rendering unicode-bidi vector-effect visibility white-space word-spacing writing-mode
    cursor
    """.split()
)
"""In addition to `aria-*`, and to `href`, which has its own check."""
