/** The font of charts and titles: it comes with the packages, so that pictures look alike on every machine. */
import { createRequire } from 'node:module'

export const FONT = 'Source Sans 3'
const faces = ['400Regular/SourceSans3_400Regular.ttf', '600SemiBold/SourceSans3_600SemiBold.ttf']
const fontFiles = faces.map(face => createRequire(import.meta.url).resolve(`@expo-google-fonts/source-sans-3/${face}`))

/** Options of Resvg. */
export const fontOptions = { fontFiles, loadSystemFonts: false, defaultFontFamily: FONT }
